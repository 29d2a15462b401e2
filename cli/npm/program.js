// Where the program of this machine is: a package for its platform alone brought it when wacloud-cli was installed.

'use strict'

/** What napi calls this machine, and with it the package; on Linux it may be one of two. */
function platforms() {
  const machine = `${process.platform}-${process.arch}`
  switch (process.platform) {
    case 'linux':
      return [`${machine}-gnu`, `${machine}-musl`]
    case 'win32':
      return [`${machine}-msvc`]
    default:
      return [machine]
  }
}

/** The program's path. Throws an error that says what to do if there is none for this machine. */
function program() {
  const name = process.platform === 'win32' ? 'wacloud.exe' : 'wacloud'
  for (const platform of platforms()) {
    try {
      return require.resolve(`@wacloud/cli-${platform}/${name}`)
    } catch {
      // That of the other C library, or none.
    }
  }
  throw new Error(
    `wacloud-cli has no program that works here (${platforms().join(' or ')}). Install it again without --omit=optional; ` +
      'where there is none for this machine, `cargo install wacloud-cli` builds one.',
  )
}

module.exports = { program }
