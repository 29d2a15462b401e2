#!/usr/bin/env node
// Starts the program that belongs to this machine, and ends as it does.

'use strict'

const { spawn } = require('node:child_process')
const { program } = require('../program.js')

let found
try {
  found = program()
} catch (error) {
  console.error(`wacloud: ${error.message}`)
  process.exit(1)
}

const child = spawn(found, process.argv.slice(2), { stdio: 'inherit' })
// Ctrl-C reaches both: what it means is the program's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal)
  })
}
child.on('error', (error) => {
  console.error(`wacloud: the program could not be started: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code)
  for (const known of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(known)
  process.kill(process.pid, signal)
})
