#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { exitCodeOf, sentenceOf } from './failure'
import { createProgram } from './program'

// Beside the sources and beside the build alike, package.json is two folders up.
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

// Whoever reads our output may stop early, as `head` does: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await createProgram(version).parseAsync()
} catch (error) {
  const sentence = sentenceOf(error)
  if (sentence !== undefined) process.stderr.write(`keyslot: ${sentence}\n`)
  process.exitCode = exitCodeOf(error)
}
