import type { Schema } from '../../src/storage/contract'
import { type Fault, fault } from './fault'

const SINGLE = 'versions of the schema'

/** An engine that goes wrong where a store was made with another version of the schema. */
export const faultsInVersions: Readonly<Record<string, Fault>> = {
  'opens a store of a later version': fault(SINGLE, (sound, rows) => ({
    open: (schema) => sound.open(isLater(rows.schema, schema) ? (rows.schema as Schema) : schema),
  })),
  'opens a store with other tables of the same version': fault(SINGLE, (sound, rows) => ({
    open: (schema) => {
      if (rows.schema?.version === schema.version) rows.schema = undefined
      return sound.open(schema)
    },
  })),
  'takes what a version lacks for what it lets go of': fault(SINGLE, (sound, rows) => ({
    open: (schema) => {
      if (isLater(schema, rows.schema)) rows.schema = undefined
      return sound.open(schema)
    },
  })),
  'empties a store that it brings up to date': fault(SINGLE, (sound, rows) => ({
    open: (schema) => {
      if (isLater(schema, rows.schema)) rows.clear()
      return sound.open(schema)
    },
  })),
  'leaves a store at its earlier version': fault(SINGLE, (sound, rows) => ({
    open: (schema) => sound.open(isLater(schema, rows.schema) ? (rows.schema as Schema) : schema),
  })),
  'brings a store up to date for one handle only': fault('versions of the schema, several handles', (sound, rows) => ({
    open: (schema) => {
      if (rows.schema?.version === schema.version && rows.size > 3)
        throw new Error('The store is being brought up to date')
      return sound.open(schema)
    },
  })),
}

function isLater(one: Schema | undefined, other: Schema | undefined): boolean {
  return one !== undefined && other !== undefined && one.version > other.version
}
