/** The code of an error, whoever made it: Node's are of another realm under test runners that give modules a context of their own. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
