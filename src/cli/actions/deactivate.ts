import { runUninstall } from '../../client/index'

export interface DeactivateOptions {
  readonly appName: string
  readonly dataDir?: string
  readonly timeoutMs: number
  readonly forAll?: true
  readonly json?: true
}

/** Frees this machine's slot and ends the process: an uninstaller must not wait for requests that still wait. */
export async function deactivate({ appName, dataDir, timeoutMs, forAll, json }: DeactivateOptions): Promise<void> {
  const { exitCode, ...result } = await runUninstall({ appName, dataDir, timeoutMs, forAll })
  const exit = () => process.exit(exitCode)
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`, exit)
  else exit()
}
