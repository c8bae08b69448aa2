/**
 * For those who write a storage adapter: the contract, the orders that rows are read in, and the storage that keeps everything
 * in memory. Apps need nothing of it but `memoryStorage`, in tests.
 *
 * @packageDocumentation
 */
export type { LicenseErrorCode } from '../protocol/error-codes'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from '../protocol/license-error'
export type {
  Answer,
  Change,
  ChangeSet,
  Column,
  ColumnKind,
  Found,
  Key,
  Operand,
  Query,
  Row,
  Schema,
  Storage,
  Table,
  Tables,
  Value,
} from './contract'
export { memoryStorage } from './memory/index'
export { columnsOf, compareLists, compareValues, isWithin, valuesOf } from './order'
export { type Additions, upgradeOf } from './schema-upgrade'
