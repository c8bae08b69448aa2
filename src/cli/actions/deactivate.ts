import { runUninstall } from '../../client/index'

export interface DeactivateOptions {
  readonly app: string
  readonly dataDir?: string
  readonly timeoutMs: number
  readonly json?: true
}

/** Frees this machine's slot and ends the process: an uninstaller must not wait for requests that still wait. */
export async function deactivate({ app, dataDir, timeoutMs, json }: DeactivateOptions): Promise<void> {
  const { outcome, persisted, exitCode } = await runUninstall({ appName: app, dataDir, timeoutMs })
  const exit = () => process.exit(exitCode)
  if (json) process.stdout.write(`${JSON.stringify({ outcome, persisted })}\n`, exit)
  else exit()
}
