// Builds the native module for this machine and puts it where `src/native.ts` looks for it.
//
// A few lines instead of napi-rs' own command line: that one brings 70 packages for cross compiling, and one of them does
// not install on Node 20.

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const manifest = path.join(packageRoot, '..', 'bindings', 'node', 'Cargo.toml')

/** The library that cargo builds, or the one named on the command line, which was built already. */
function library([built]) {
  if (built) return built
  const { status, stdout } = spawnSync(
    'cargo',
    ['build', '--release', '--locked', '--manifest-path', manifest, '--message-format', 'json-render-diagnostics'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 << 20 },
  )
  // What is wrong has been told by cargo.
  if (status !== 0) process.exit(status ?? 1)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .findLast(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'wacloud_node')
    .filenames.find((file) => /\.(so|dylib|dll)$/.test(file))
}

const libc = process.platform === 'linux' ? (process.report.getReport().header.glibcVersionRuntime ? '-gnu' : '-musl') : ''
const abi = process.platform === 'win32' ? '-msvc' : libc
const native = path.join(packageRoot, 'native', `wacloud.${process.platform}-${process.arch}${abi}.node`)

mkdirSync(path.dirname(native), { recursive: true })
// A process that has the old one loaded keeps it: the file is replaced, not written into.
rmSync(native, { force: true })
copyFileSync(library(process.argv.slice(2)), native)
