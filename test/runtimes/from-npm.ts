import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const QUIETLY = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']

/**
 * Installs a package of npm by itself, also one that is for another system, without running its scripts.
 * @param specifier `name@version`
 * @returns the package's folder
 */
export async function installAlone(folder: string, specifier: string): Promise<string> {
  const own = join(folder, specifier.replaceAll('/', '+'))
  await mkdir(own)
  await run('npm', ['install', ...QUIETLY, '--force', '--prefix', own, specifier])
  return join(own, 'node_modules', specifier.slice(0, specifier.lastIndexOf('@')))
}

/** Whether packages can be had from npm here and now. */
export async function isNpmReachable(): Promise<boolean> {
  return await run('npm', ['view', 'npm', 'version', '--fetch-retries=1', '--fetch-timeout=20000']).then(
    () => true,
    () => false,
  )
}
