import { randomBytes } from 'node:crypto'

/** Where a store is. */
export interface PostgresStore {
  readonly url: string
  readonly schema: string
}

/** A schema name on a server of the test's own, with which the schema goes too. */
export function schemaOn({ url }: { readonly url: string }): PostgresStore {
  return { url, schema: `scratch_${randomBytes(8).toString('hex')}` }
}
