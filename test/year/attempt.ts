/** What came of something that the kit or the server may refuse: undefined where it did. */
export async function attempt<T>(trying: () => Promise<T>): Promise<T | undefined> {
  return await trying().catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  })
}
