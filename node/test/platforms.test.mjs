// Which packages are made, and which ones a machine looks for, is said in three places that cannot share a file: the script
// that makes them, and the two packages, which are published apart.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { packageRoot, repositoryRoot } from './support.mjs'

const script = path.join(repositoryRoot, 'scripts', 'package-npm.mjs')
const program = path.join(repositoryRoot, 'cli', 'npm', 'program.js')

/** The packages that are made, and what npm is told of the machine that each is for. */
function made() {
  const table = readFileSync(script, 'utf8').match(/^const PLATFORMS = \{\n(.*?)^\}/ms)[1]
  return [...table.matchAll(/'([^']+)': \{ os: '(\w+)', cpu: '(\w+)'/g)].map(([, name, ...machine]) => ({ name, machine: machine.join(' ') }))
}

/** What a file says that it has looked for in vain, on such a machine. */
function soughtOn(machine, file) {
  const [platform, arch] = machine.split(' ')
  const pretend = `Object.defineProperties(process, { platform: { value: '${platform}' }, arch: { value: '${arch}' } })`
  const load = `try { require(${JSON.stringify(file)}).program() } catch (error) { console.log(error.message) }`
  const { stdout, stderr } = spawnSync(process.execPath, ['--eval', `${pretend};${load}`], { encoding: 'utf8', cwd: tmpdir() })
  const named = stdout.match(/ works here \(([^,)]+)/)
  assert.ok(named, stdout + stderr)
  return named[1].split(' or ')
}

/** What is made for a machine is what the file looks for on it, and there is nothing else. */
function assertSought(file) {
  const all = made()
  assert.ok(all.length > 0)
  const machines = [...new Set(all.map(({ machine }) => machine))]
  const sought = machines.flatMap((machine) => soughtOn(machine, file).map((name) => ({ name, machine })))
  const inOrder = (list) => list.map(({ name, machine }) => `${name} on ${machine}`).sort()
  assert.deepEqual(inOrder(sought), inOrder(all))
}

const areHere = existsSync(script) && existsSync(program)

describe('platforms', { skip: areHere ? false : 'the sources are not there' }, () => {
  test('the program is looked for where there is one', () => assertSought(program))

  test('the native module is looked for where there is one', (t) => {
    // Elsewhere than where one was built.
    const folder = mkdtempSync(path.join(tmpdir(), 'wacloud-platforms-'))
    t.after(() => rmSync(folder, { recursive: true }))
    cpSync(path.join(packageRoot, 'dist'), path.join(folder, 'dist'), { recursive: true })
    assertSought(path.join(folder, 'dist', 'native.js'))
  })
})
