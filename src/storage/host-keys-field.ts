import type { HostKey } from '../domain/host-keys'
import type { Renewals } from '../domain/renewals'
import type { Field } from './define-table'

type KeyValues = readonly [
  thumbprint: string,
  boundAt: number,
  usedAt: number,
  tokensEndAt: number,
  until: number | null,
  leftAt: number | null,
  recovery: string | null,
  former: readonly string[],
  droppedAt: number | null,
]

/** The last of them only where there is one. */
type HostKeyValues = KeyValues | readonly [...KeyValues, RenewalsValues]

type RenewalsValues = readonly [count: number, previous: number, at: number, ended: number, clonedAt: number | null]

const NO_KEYS: readonly HostKey[] = []

/** The keys of a host: every claim and every list reads them, so without names, and without a look at each value. */
export const hostKeys: Field<readonly HostKey[]> = {
  column: { kind: 'json' },
  toValue: (keys) =>
    JSON.stringify(
      keys.map(
        ({
          thumbprint,
          boundAt,
          usedAt,
          tokensEndAt,
          until,
          leftAt,
          recovery,
          former,
          droppedAt,
          renewals,
        }): HostKeyValues => {
          const values: KeyValues = [
            thumbprint,
            boundAt.getTime(),
            usedAt.getTime(),
            tokensEndAt.getTime(),
            until?.getTime() ?? null,
            leftAt?.getTime() ?? null,
            recovery,
            former,
            droppedAt?.getTime() ?? null,
          ]
          return renewals === undefined ? values : [...values, toValues(renewals)]
        },
      ),
    ),
  toField(value) {
    if (value === '[]') return NO_KEYS
    return (JSON.parse(value as string) as readonly HostKeyValues[]).map(
      ([thumbprint, boundAt, usedAt, tokensEndAt, until, leftAt, recovery, former, droppedAt, renewals]) => ({
        thumbprint,
        boundAt: new Date(boundAt),
        usedAt: new Date(usedAt),
        tokensEndAt: new Date(tokensEndAt),
        until: until === null ? null : new Date(until),
        leftAt: leftAt === null ? null : new Date(leftAt),
        recovery,
        former,
        droppedAt: droppedAt === null ? null : new Date(droppedAt),
        ...(renewals !== undefined && { renewals: toRenewals(renewals) }),
      }),
    )
  },
}

function toValues({ count, previous, at, ended, clonedAt }: Renewals): RenewalsValues {
  return [count, previous, at.getTime(), ended, clonedAt?.getTime() ?? null]
}

function toRenewals([count, previous, at, ended, clonedAt]: RenewalsValues): Renewals {
  return { count, previous, at: new Date(at), ended, clonedAt: clonedAt === null ? null : new Date(clonedAt) }
}
