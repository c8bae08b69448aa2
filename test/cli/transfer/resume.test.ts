import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { childScript } from '../../child-script'
import { COMMAND_LINE } from '../keyslot-process'
import { scratchFolder } from '../scratch-folder'
import { exported, run, runJson } from './run-command'

const LICENSES = 20_000
const FEW = 2000
const BATCH = 1000

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

function manyLicenses(count = LICENSES) {
  const folder = scratchFolder()
  const file = join(folder, 'many.jsonl')
  const lines = Array.from(
    { length: count },
    (_, index) => `{"kind":"license","key":"KEY-${index}","product":"Editor"}`,
  )
  // One that is refused, long before the interruption: it must be told and counted once.
  lines[5] = '{"kind":"license"}'
  writeFileSync(file, ['{"kind":"product","name":"Editor"}', ...lines].join('\n'))
  return { folder, file, notes: `${file}.keyslot-import.json`, store: `sqlite:${join(folder, 'licenses.db')}` }
}

async function start(args: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore') {
  const child = spawn(process.execPath, [await childScript(COMMAND_LINE), ...args], { stdio: [stdin, 'pipe', 'pipe'] })
  running.add(child)
  child.once('close', () => running.delete(child))
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed }))
  return { child, ended }
}

/** Waits until an import has put away some batches, which is well before its end. */
async function untilUnderWay(notes: string): Promise<void> {
  while (!existsSync(notes) || placeIn(notes) < 2 * BATCH) await delay(5)
}

function placeIn(notes: string): number {
  return (JSON.parse(readFileSync(notes, 'utf8')) as { place: { line: number } }).place.line
}

async function countLicenses(store: string): Promise<number> {
  return (await exported(store, 'license')).length
}

describe('an import that is interrupted', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)('by %s goes on where it stopped', async (signal) => {
    const { file, folder, notes, store } = manyLicenses()
    const command = ['import', file, '--storage', store, '--rejects', join(folder, 'rejects.jsonl')]
    const first = await start(command)
    await untilUnderWay(notes)
    first.child.kill(signal)
    const interrupted = await first.ended
    expect(interrupted.code).toBe(signal === 'SIGKILL' ? null : 1)
    if (signal === 'SIGINT') expect(interrupted.stderr).toContain('the same command goes on where it stopped\n')
    const reached = placeIn(notes)
    expect(reached).toBeLessThan(LICENSES)

    const second = await run(...command, '--json')
    expect(second.stderr).toContain(`going on after line ${reached}, where it stopped before\n`)
    expect(second.stderr).toContain(`keyslot: 1 of ${LICENSES + 1} lines were not taken\n`)
    const counts = JSON.parse(second.stdout) as Record<string, number>
    expect(counts).toMatchObject({ lines: LICENSES + 1, refused: 1, bad: 1, conflict: 0 })
    // What a killed one had stored, but not put away, is there already.
    expect(counts.existing).toBeLessThanOrEqual(signal === 'SIGKILL' ? BATCH : 0)
    expect(await countLicenses(store)).toBe(LICENSES - 1)
    expect(existsSync(notes)).toBe(false)
    expect(readFileSync(join(folder, 'rejects.jsonl'), 'utf8')).toBe('{"kind":"license"}\n')
  })

  it('begins anew where the store is not as it was left, and where the file has changed', async () => {
    const { file, notes, store } = manyLicenses()
    const first = await start(['import', file, '--storage', store])
    await untilUnderWay(notes)
    first.child.kill('SIGINT')
    await first.ended
    const left = readFileSync(notes)
    for (const ending of ['', '-wal', '-shm']) rmSync(`${store.slice('sqlite:'.length)}${ending}`, { force: true })

    const anew = await run('import', file, '--storage', store)
    expect(anew.stderr).toContain('the store has changed since; beginning anew\n')
    expect(await countLicenses(store)).toBe(LICENSES - 1)

    writeFileSync(notes, left)
    writeFileSync(file, `{"kind":"license","key":"FRONT","product":"Editor"}\n${readFileSync(file, 'utf8')}`)
    const changed = await run('import', file, '--storage', store)
    expect(changed.stderr).not.toContain('going on')
    expect(changed.stdout).toContain(`${LICENSES + 2} lines: 1 records stored`)
  })

  it('goes on without where nothing can be written beside the file', async () => {
    const { file, notes, store } = manyLicenses(FEW)
    mkdirSync(notes)
    const { stdout, stderr } = await run('import', file, '--storage', store)
    expect(stderr).toMatch(/ cannot be written \(\w+\): interrupted, this import would begin anew\n/)
    expect(stdout).toContain(`${FEW} records stored`)
  })

  it('leaves nothing beside the file when told not to, and reads standard input', async () => {
    const { folder, store } = manyLicenses(FEW)
    const { child, ended } = await start(['import', '-', '--storage', store, '--json'], 'pipe')
    child.stdin?.end('{"kind":"product","name":"Editor"}\n{"kind":"license","key":"ONE","product":"Editor"}\n')
    expect(JSON.parse((await ended).stdout)).toMatchObject({ lines: 2, stored: 2 })
    const small = join(folder, 'small.jsonl')
    writeFileSync(small, '{"kind":"license","key":"TWO","product":"Editor"}\n')
    expect(await runJson('import', small, '--storage', store, '--no-resume')).toMatchObject({ stored: 1 })
    expect(existsSync(`${small}.keyslot-import.json`)).toBe(false)
  })
})
