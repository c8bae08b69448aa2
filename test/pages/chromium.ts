import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']

/** Without a window, an account or a network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--remote-debugging-pipe',
]

/** The program's name; undefined where there is none. */
export function findChromium(): string | undefined {
  return PROGRAMS.find((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0)
}

type Fields = Readonly<Record<string, unknown>>

/** What a message of the DevTools protocol may hold. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Fields
  readonly result?: Fields
  readonly error?: { readonly message: string }
}

/** A tab of its own Chromium, spoken to by the DevTools protocol over two pipes. */
export interface Tab {
  /** Resolves with the result. @throws with what Chromium says of a call that it cannot follow */
  send(method: string, params?: Fields): Promise<Fields>
  onEvent(listener: (method: string, params: Fields) => void): void
  close(): Promise<void>
}

export async function openTab(): Promise<Tab> {
  const program = findChromium()
  if (program === undefined) throw new Error('no Chromium is installed')
  const profile = await mkdtemp(join(tmpdir(), 'keyslot-chromium-'))
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const { send, onEvent } = speak(child)
  const { targetInfos } = await send('Target.getTargets')
  const page = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === 'page')
  const { sessionId } = await send('Target.attachToTarget', { targetId: page?.targetId, flatten: true })
  return {
    send: (method, params) => send(method, params, String(sessionId)),
    onEvent,
    async close() {
      const closed = once(child, 'close')
      await send('Browser.close')
      await closed
      await rm(profile, { recursive: true, maxRetries: 5 })
    },
  }
}

/** Messages are JSON, each followed by a zero. */
function speak(child: ChildProcess) {
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting = new Map<number, { resolve(result: Fields): void; reject(error: Error): void }>()
  const listeners: ((method: string, params: Fields) => void)[] = []
  let last = 0
  let rest = ''

  function take({ id, method, params = {}, result = {}, error }: Message): void {
    if (id === undefined) for (const listener of listeners) listener(method ?? '', params)
    else if (error === undefined) waiting.get(id)?.resolve(result)
    else waiting.get(id)?.reject(new Error(error.message))
  }

  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) take(JSON.parse(message))
  })
  child.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has ended'))
  })
  return {
    send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
      const id = ++last
      const answered = new Promise<Fields>((resolve, reject) => waiting.set(id, { resolve, reject }))
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
      return answered.finally(() => waiting.delete(id))
    },
    onEvent: (listener: (method: string, params: Fields) => void) => void listeners.push(listener),
  }
}
