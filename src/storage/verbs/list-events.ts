import type { AuditEvent, EventFilter } from '../../domain/event'
import type { FoundPage, PageRequest, WalkRequest } from './outcomes'
import type { Keeping } from './run-step'
import { sift } from './sift'

/** Events of an account, in the order they happened or against it. */
export function listEvents(
  keeping: Keeping,
  accountId: string,
  { licenseId, type, since, newestFirst = false }: EventFilter,
  page: PageRequest | WalkRequest,
): Promise<FoundPage<AuditEvent>> {
  const [by, equal] =
    licenseId === undefined ? ['ofAccount', [accountId]] : (['ofLicense', [accountId, licenseId]] as const)
  const isMeant = (event: AuditEvent) =>
    (type === undefined || event.type === type) && (since === undefined || event.at >= since)
  const isAll = type === undefined && since === undefined
  return sift(keeping, 'event', { by, equal, descending: newestFirst }, isAll ? undefined : isMeant, page)
}
