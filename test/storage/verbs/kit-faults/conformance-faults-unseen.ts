import { type Fault, fault } from './conformance-fault'

const UNSEEN = 'unseen hosts'

/** What goes wrong where unseen hosts are looked for and freed. */
export const unseenFaults: Readonly<Record<string, Fault>> = {
  'frees a host that was seen since it looked': fault(UNSEEN, (sound, tables) => ({
    releaseUnseen: (accountId, host, since, step) => {
      const hosts = tables.activationsOf(host.licenseId)
      const activation = hosts.get(host.hostId)
      if (activation !== undefined) hosts.set(host.hostId, { ...activation, lastSeenAt: since.lastSeenBy })
      return sound.releaseUnseen(accountId, host, since, step)
    },
  })),

  'frees a host that may still work offline': fault(UNSEEN, (sound) => ({
    findUnseen: (since, after, limit) =>
      sound.findUnseen({ ...since, tokensEndedBy: new Date('9999-01-01') }, after, limit),
    releaseUnseen: (accountId, host, since, step) =>
      sound.releaseUnseen(accountId, host, { ...since, tokensEndedBy: new Date('9999-01-01') }, step),
  })),

  'does not count a host it frees unseen': fault(UNSEEN, (sound, tables) => ({
    releaseUnseen: async (...args) => {
      const outcome = await sound.releaseUnseen(...args)
      if (outcome.kind === 'released') {
        const { license } = outcome
        tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
      }
      return outcome
    },
  })),

  'frees no unseen host of a blocked license': fault(UNSEEN, (sound, tables) => ({
    releaseUnseen: async (...args) => {
      if (tables.licenses.get(args[1].licenseId)?.blocked) return { kind: 'kept' }
      return sound.releaseUnseen(...args)
    },
  })),

  'finds unseen hosts by their place in a list that shrinks': fault(UNSEEN, (sound) => ({
    findUnseen: async (since, after, limit) => {
      const { hosts } = await sound.findUnseen(since, null, Number.MAX_SAFE_INTEGER)
      const [from, end] = [Number(after ?? 0), Number(after ?? 0) + limit]
      return { hosts: hosts.slice(from, end), next: end < hosts.length ? String(end) : null }
    },
  })),

  'looks for unseen hosts without a bound': fault(UNSEEN, (sound) => ({
    findUnseen: (since) => sound.findUnseen(since, null, Number.MAX_SAFE_INTEGER),
  })),

  'ends at the first batch without an unseen host': fault(UNSEEN, (sound) => ({
    findUnseen: async (...args) => {
      const { hosts, next } = await sound.findUnseen(...args)
      return { hosts, next: hosts.length === 0 ? null : next }
    },
  })),

  'frees the unseen host of another account': fault('accounts', (sound, tables) => ({
    releaseUnseen: (accountId, host, since, step) =>
      sound.releaseUnseen(tables.licenses.get(host.licenseId)?.accountId ?? accountId, host, since, step),
  })),
}
