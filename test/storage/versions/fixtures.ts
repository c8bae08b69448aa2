import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { decodeOutcome } from '../../../src/storage/outcome-codec'
import type { StoreRecord } from '../../../src/storage/records'

export const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** In a dump, where the name of its schema belongs. */
export const SCHEMA_NAME = 'the_schema'

/** What keyslot wrote when its schema had a version. */
export interface Fixture {
  readonly version: number
  /** A database file of SQLite. */
  readonly file: Buffer
  /** A dump of a schema in PostgreSQL, called {@link SCHEMA_NAME}. */
  readonly dump: string
  /** What both hold, as it was exported then. */
  readonly records: readonly StoreRecord[]
}

export function fixtures(): readonly Fixture[] {
  const versions = readdirSync(FOLDER).flatMap((name) => /^(\d+)\.db\.gz$/.exec(name)?.[1] ?? [])
  return versions.map(Number).map((version) => ({
    version,
    file: unzip(`${version}.db.gz`),
    dump: unzip(`${version}.sql.gz`).toString(),
    records: decodeOutcome<StoreRecord[]>(unzip(`${version}.json.gz`).toString()),
  }))
}

function unzip(name: string): Buffer {
  return gunzipSync(readFileSync(`${FOLDER}${name}`))
}
