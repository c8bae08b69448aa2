import type { JwkSet, LicenseErrorCode as ProtocolCode } from 'keyslot/protocol'
import type { Licensing, LicenseErrorCode as ServerCode } from 'keyslot/server'
import { type Answer, type ChangeSet, memoryStorage, type Query, type Storage } from 'keyslot/storage'
import { type PostgresPool, type PostgresStorageOptions, postgresStorage } from 'keyslot/storage/postgres'
import { type SqliteStorageOptions, sqliteStorage } from 'keyslot/storage/sqlite'
import { type ConformanceRunner, type StorageFixture, storageConformance } from 'keyslot/testing'
import type { Pool } from 'pg'
import { describe, expectTypeOf, it } from 'vitest'

describe('the types of the storage entries', () => {
  it('make the same storage of each kind', () => {
    expectTypeOf(memoryStorage).returns.toEqualTypeOf<Storage>()
    expectTypeOf(sqliteStorage).parameters.toEqualTypeOf<[SqliteStorageOptions]>()
    expectTypeOf(sqliteStorage).returns.toEqualTypeOf<Storage>()
    expectTypeOf(postgresStorage).parameters.toEqualTypeOf<[PostgresStorageOptions]>()
    expectTypeOf(postgresStorage).returns.toEqualTypeOf<Storage>()
  })

  it('ask an adapter for rows, and nothing of what they mean', () => {
    type Asked = 'name' | 'open' | 'close' | 'ping' | 'read' | 'write'
    expectTypeOf<Exclude<keyof Storage, 'writes' | 'locked'>>().toEqualTypeOf<Asked>()
    expectTypeOf<Storage['read']>().toEqualTypeOf<(queries: readonly Query[]) => Promise<readonly Answer[]>>()
    type Fates = readonly ('written' | 'conflict')[]
    expectTypeOf<Storage['write']>().toEqualTypeOf<(sets: readonly ChangeSet[]) => Promise<Fates>>()
  })

  it("take a pool of pg's as it is", () => {
    expectTypeOf<Pool>().toExtend<PostgresPool>()
  })

  it('let the conformance kit run with the functions of vitest', () => {
    expectTypeOf<{ describe: typeof describe; it: typeof it }>().toExtend<ConformanceRunner>()
    expectTypeOf<{ createStorage: () => Storage }>().toExtend<StorageFixture>()
    expectTypeOf(storageConformance).returns.toBeVoid()
  })

  it('are those of the protocol where both speak of the same', () => {
    expectTypeOf<ServerCode>().toEqualTypeOf<ProtocolCode>()
    expectTypeOf<Licensing['jwks']>().toEqualTypeOf<JwkSet>()
  })
})
