import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'

/** Ends the server and removes the folder once nobody holds the other end of its input any more. */
const KEEP = `
read -r _
if read -r pid < "$1/postmaster.pid"; then
  kill -QUIT "$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" || break
    sleep 0.1
  done
  kill -0 "$pid" && kill -KILL "$pid"
fi
rm -rf "$2" || { sleep 1; rm -rf "$2"; }`

/** Whoever clears up after a server. */
export interface Keeper {
  /** Has it cleared up now; resolves once it has. */
  dismiss(): Promise<void>
}

/**
 * Starts a process that clears up after a server, also when this process is killed: it cannot miss that its input ends.
 * @param dataDir where the server that runs last has its `postmaster.pid`
 * @param folder removed with everything in it
 */
export function startKeeper(dataDir: string, folder: string): Keeper {
  const keeper: ChildProcessByStdio<Writable, null, null> = spawn(
    '/bin/sh',
    ['-c', KEEP, 'keyslot-postgres-keeper', dataDir, folder],
    // A session of its own: Ctrl+C must not reach it before it has cleared up.
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' },
  )
  const gone = once(keeper, 'exit')
  keeper.unref()
  if (keeper.stdin instanceof Socket) keeper.stdin.unref()
  return {
    async dismiss() {
      keeper.ref()
      keeper.stdin.end()
      await gone
    },
  }
}
