// Makes the npm packages, as they are published: `wacloud` and `wacloud-cli`, which are the same everywhere, and for each
// platform one with the native module and one with the program. npm installs those of the machine that it is on, since they
// are optional dependencies which say what they are for.
//
//   node scripts/package-npm.mjs OUT main                          wacloud and wacloud-cli (node/dist must have been built)
//   node scripts/package-npm.mjs OUT linux-x64-gnu ADDON PROGRAM   the two packages of a platform
//
// Not by napi-rs' own command line: it brings 70 packages for cross compiling, and knows nothing of a program.

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const LEGAL = ['LICENSE-MIT', 'LICENSE-APACHE', 'THIRD-PARTY-NOTICES.txt']

/** Where packages are offered, named as napi names them, and how npm tells them from each other. */
const PLATFORMS = {
  'linux-x64-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'win32-x64-msvc': { os: 'win32', cpu: 'x64' },
}

const json = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))
const library = json('node/package.json')
const cli = json('cli/npm/package.json')

/** Packs a directory that `fill` fills; what is described is its package.json. */
function pack(out, described, fill) {
  const place = mkdtempSync(path.join(tmpdir(), 'wacloud-npm-'))
  try {
    writeFileSync(path.join(place, 'package.json'), `${JSON.stringify(described, undefined, 2)}\n`)
    for (const file of LEGAL) copyFileSync(path.join(root, file), path.join(place, file))
    fill(place)
    const { status, stdout, stderr } = spawnSync('npm', ['pack', '--silent', '--pack-destination', out], {
      cwd: place,
      encoding: 'utf8',
      // On Windows npm is a script.
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error(`npm pack of ${described.name} failed: ${stderr}`)
    console.log(stdout.trim())
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** For every platform the package that has its `of`, in exactly this version. */
function optional(of, version) {
  return Object.fromEntries(Object.keys(PLATFORMS).map((platform) => [`@wacloud/${of}${platform}`, version]))
}

function main(out) {
  // What builds and tests the package is none of its users'.
  const { devDependencies: _, scripts: __, ...published } = library
  pack(out, { ...published, files: ['dist', ...LEGAL], optionalDependencies: optional('', library.version) }, (place) => {
    copyFileSync(path.join(root, 'node/README.md'), path.join(place, 'README.md'))
    cpSync(path.join(root, 'node/dist'), path.join(place, 'dist'), { recursive: true })
  })
  const files = [...cli.files, ...LEGAL]
  pack(out, { ...cli, files, optionalDependencies: optional('cli-', cli.version) }, (place) => {
    for (const file of [...cli.files, 'README.md']) {
      cpSync(path.join(root, 'cli/npm', file), path.join(place, file), { recursive: true })
    }
  })
}

function ofPlatform(out, platform, addon, program) {
  const { libc, ...machine } = PLATFORMS[platform]
  const only = Object.fromEntries(Object.entries({ ...machine, libc }).flatMap(([key, value]) => (value ? [[key, [value]]] : [])))
  const { version, license, repository, engines } = library
  const common = { version, license, repository, engines, ...only, preferUnplugged: true }
  const module = `wacloud.${platform}.node`
  const names = [
    { name: `@wacloud/${platform}`, what: 'native module', of: 'wacloud', file: module, from: addon },
    { name: `@wacloud/cli-${platform}`, what: 'program', of: 'wacloud-cli', file: programName(machine), from: program },
  ]
  for (const { name, what, of, file, from } of names) {
    const described = { name, description: `The ${what} of ${of} for ${platform}`, ...common, files: [file, ...LEGAL] }
    if (from === addon) described.main = file
    pack(out, described, (place) => {
      const readme = `# ${name}\n\nThe ${what} of [${of}](https://www.npmjs.com/package/${of}) for ${platform}. Install \`${of}\`, which brings it.\n`
      writeFileSync(path.join(place, 'README.md'), readme)
      copyFileSync(from, path.join(place, file))
      chmodSync(path.join(place, file), 0o755)
    })
  }
}

function programName({ os }) {
  return os === 'win32' ? 'wacloud.exe' : 'wacloud'
}

const [out, what, addon, program] = process.argv.slice(2)
const isRight = what === 'main' ? addon === undefined : what in PLATFORMS && program !== undefined
if (!isRight) {
  console.error(`usage: package-npm.mjs OUT main | package-npm.mjs OUT PLATFORM ADDON PROGRAM

platforms: ${Object.keys(PLATFORMS).join(' ')}`)
  process.exit(2)
}
const destination = path.resolve(out)
mkdirSync(destination, { recursive: true })
if (what === 'main') main(destination)
else ofPlatform(destination, what, path.resolve(addon), path.resolve(program))
