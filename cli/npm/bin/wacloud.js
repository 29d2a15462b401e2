#!/usr/bin/env node
// Starts the program that belongs to this machine, and ends as it does.

'use strict'

const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const path = require('node:path')

const name = process.platform === 'win32' ? 'wacloud.exe' : 'wacloud'
const program = path.join(__dirname, name)

if (!existsSync(program)) {
  console.error(`wacloud: there is no program for ${process.platform} on ${process.arch} in this package.`)
  process.exit(1)
}

const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })
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
