/** What a process did to the files of one folder, in order, and what it promised meanwhile. */
export type Event =
  | { readonly kind: 'create' | 'unlink'; readonly name: string; readonly file: FileNumber }
  | { readonly kind: 'write'; readonly file: FileNumber; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly file: FileNumber; readonly length: number }
  | { readonly kind: 'sync'; readonly file: FileNumber }
  | { readonly kind: 'sync folder' }
  | { readonly kind: 'promise'; readonly sets: readonly number[] }

/** Tells a file from one that had its name before. */
export type FileNumber = number
