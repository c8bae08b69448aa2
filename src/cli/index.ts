#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { exitCodeOf, sentenceOf } from './failure'
import { createProgram } from './program'

// Beside the sources and beside the build alike, package.json is two folders up.
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader of our output, such as `head`, may stop early: that is no failure.
  if (error.code !== 'EPIPE') fail(error)
})

try {
  await createProgram(version).parseAsync()
} catch (error) {
  fail(error)
}

function fail(error: unknown): void {
  const sentence = sentenceOf(error)
  if (sentence !== undefined) process.stderr.write(`keyslot: ${sentence}\n`)
  process.exitCode = exitCodeOf(error)
}
