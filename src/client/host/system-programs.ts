const FOLDERS = '/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Runs a step, which starts its program before it returns, where names of the system's programs mean the system's: not what
 * PATH, `windir` or `ComSpec` of this process point to.
 *
 * @param exists whether a file is there
 */
export function withSystemPrograms<T>(
  {
    platform,
    exists,
    env = process.env,
  }: { platform: string; exists: (file: string) => boolean; env?: NodeJS.ProcessEnv },
  step: () => T,
): T {
  const fixed = platform === 'win32' ? windowsPaths(exists) : { PATH: FOLDERS }
  const before = Object.keys(fixed).map((name) => [name, env[name]] as const)
  Object.assign(env, fixed)
  try {
    return step()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete env[name]
      else env[name] = value
    }
  }
}

/** A Windows that stands elsewhere is asked as its variables say. */
function windowsPaths(exists: (file: string) => boolean): Record<string, string> {
  const system = 'C:\\Windows\\System32'
  return exists(`${system}\\reg.exe`) ? { windir: 'C:\\Windows', ComSpec: `${system}\\cmd.exe` } : {}
}
