// Runs every test file, one after another so that none disturbs another's timing, and leaves a summary for `make test`.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const summaryFile = path.resolve(here, '../../target/test-summary/node.json')
const wanted = process.argv.slice(2)
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((word) => name.includes(word))))
  .map((name) => path.join(here, name))

const summary = { suite: 'node', vectors: 0, passed: 0, failed: 0, skipped: 0 }
rmSync(summaryFile, { force: true })

const events = run({ files, concurrency: false, timeout: 180_000 })
events.on('test:pass', ({ name, skip, details }) => {
  if (details.type === 'suite') return
  summary[skip === undefined ? 'passed' : 'skipped'] += 1
  if (name.startsWith('vector ')) summary.vectors += 1
})
events.on('test:fail', ({ name, details }) => {
  process.exitCode = 1
  if (details.type === 'suite') return
  summary.failed += 1
  if (name.startsWith('vector ')) summary.vectors += 1
})
events.compose(new spec()).pipe(process.stdout)

process.on('exit', () => {
  mkdirSync(path.dirname(summaryFile), { recursive: true })
  writeFileSync(summaryFile, `${JSON.stringify(summary)}\n`)
})
