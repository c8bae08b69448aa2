/** Runs a program under strace, which writes down what it does to files. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** Those that a store is known to need; a `?` marks those that not every processor has. */
const FORESEEN = 'openat,?open,?creat,pwrite64,write,ftruncate,fsync,fdatasync,?unlink,unlinkat'
/** Those that would change a file in a way that the log's reader refuses. */
const REFUSED = [
  'pwritev,?pwritev2,writev,fallocate,truncate,?rename,?renameat,renameat2,?link,linkat',
  'copy_file_range,sendfile,?sync_file_range,mmap',
].join(',')
/** Of all threads and child processes, stopping them only for the calls that are logged. */
const FOLLOW = ['-f', '--seccomp-bpf']

/** Why no program can be run under strace here; undefined where one can. */
export function whyNoStrace(): string | undefined {
  const { error, status } = spawnSync('strace', [...FOLLOW, '-o', '/dev/null', 'true'], { stdio: 'ignore' })
  if (error !== undefined) return 'the log of all writes and syncs needs strace (apt-get install -y strace)'
  return status === 0
    ? undefined
    : 'strace may not follow processes here (ptrace is not permitted), or is older than 5.3'
}

/**
 * Runs a TypeScript program. The log has every string in hexadecimal, and the path of every file descriptor.
 *
 * @throws where the program fails
 */
export async function runTraced(log: string, script: string, args: readonly string[]): Promise<void> {
  const how = ['-y', '-xx', '-s', '1000000', '-e', `trace=${FORESEEN},${REFUSED}`, '-o', log]
  await runFile('strace', [...FOLLOW, ...how, process.execPath, '--import', 'tsx', script, ...args])
}
