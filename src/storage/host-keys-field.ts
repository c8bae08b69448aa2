import type { HostKey } from '../domain/host-keys'
import type { Field } from './define-table'

type HostKeyValues = readonly [
  thumbprint: string,
  boundAt: number,
  usedAt: number,
  tokensEndAt: number,
  until: number | null,
  leftAt: number | null,
  recovery: string | null,
  former: readonly string[],
]

const NO_KEYS: readonly HostKey[] = []

/** The keys of a host: every claim and every list reads them, so without names, and without a look at each value. */
export const hostKeys: Field<readonly HostKey[]> = {
  column: { kind: 'json' },
  toValue: (keys) =>
    JSON.stringify(
      keys.map(({ thumbprint, boundAt, usedAt, tokensEndAt, until, leftAt, recovery, former }): HostKeyValues => {
        return [
          thumbprint,
          boundAt.getTime(),
          usedAt.getTime(),
          tokensEndAt.getTime(),
          until?.getTime() ?? null,
          leftAt?.getTime() ?? null,
          recovery,
          former,
        ]
      }),
    ),
  toField(value) {
    if (value === '[]') return NO_KEYS
    return (JSON.parse(value as string) as readonly HostKeyValues[]).map(
      ([thumbprint, boundAt, usedAt, tokensEndAt, until, leftAt, recovery, former]) => ({
        thumbprint,
        boundAt: new Date(boundAt),
        usedAt: new Date(usedAt),
        tokensEndAt: new Date(tokensEndAt),
        until: until === null ? null : new Date(until),
        leftAt: leftAt === null ? null : new Date(leftAt),
        recovery,
        former,
      }),
    )
  },
}
