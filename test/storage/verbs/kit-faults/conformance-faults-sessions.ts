import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { hasFreeSeat, isLive, type Session } from '../../../../src/domain/session'
import type { Tables } from '../differential/model/tables'
import { type Fault, fault } from './conformance-fault'

function licenseIn(tables: Tables, canonicalKey: string) {
  return tables.licenses.get(tables.licenseIds.get(canonicalKey) ?? '')
}

/** Runs a synchronous step on a license without its limit of seats. */
function withoutLimit<T>(tables: Tables, canonicalKey: string, run: () => T): T {
  const license = licenseIn(tables, canonicalKey)
  if (license !== undefined) tables.licenses.set(license.id, { ...license, maxConcurrentSessions: null })
  const result = run()
  if (license !== undefined) tables.licenses.set(license.id, license)
  return result
}

function put(tables: Tables, session: Session): void {
  tables.sessionsOf(session.licenseId).set(session.id, session)
}

/** What goes wrong where sessions are kept. */
export const sessionFaults: Readonly<Record<string, Fault>> = {
  'counts lapsed sessions as seats': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const [, { canonicalKey }, asked, { now }] = args
      const license = licenseIn(tables, canonicalKey)
      if (license === undefined) return sound.claimSession(...args)
      const rows = [...tables.sessionsOf(license.id).values()]
      const held = rows.some((row) => row.hostId === asked.hostId && isLive(row, now))
      return held || hasFreeSeat(license, rows.length) ? sound.claimSession(...args) : { kind: 'limit-reached' }
    },
  })),

  'lets a session lapse one millisecond late': fault('sessions', (sound) => ({
    findSession: (accountId, target, now) => sound.findSession(accountId, target, new Date(now.getTime() - 1)),
  })),

  'gives a lease that outlasts the license': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const outcome = await sound.claimSession(...args)
      if (!('session' in outcome)) return outcome
      const seconds = outcome.license.sessionLeaseSeconds ?? 900
      const session = { ...outcome.session, expiresAt: new Date(args[3].now.getTime() + seconds * 1_000) }
      put(tables, session)
      return { ...outcome, session }
    },
  })),

  'lets anybody check out a seat again that a key holds': fault('sessions', (sound) => ({
    claimSession: (accountId, target, asked, step) =>
      sound.claimSession(accountId, target, { ...asked, trusted: true }, step),
  })),

  'asks the vendor for the key of a seat': fault('sessions', (sound) => ({
    claimSession: (accountId, target, { trusted: _trusted, ...asked }, step) =>
      sound.claimSession(accountId, target, asked, step),
  })),

  'forgets the key a seat is bound to': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const outcome = await sound.claimSession(...args)
      if (outcome.kind !== 'created') return outcome
      const session = { ...outcome.session, proofKey: null }
      put(tables, session)
      return { ...outcome, session }
    },
  })),

  'unbinds a seat that the vendor checks out again': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const outcome = await sound.claimSession(...args)
      if (outcome.kind !== 'existing') return outcome
      const session = { ...outcome.session, proofKey: args[2].proofKey }
      put(tables, session)
      return { ...outcome, session }
    },
  })),

  'binds a seat to the first key that is shown': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const outcome = await sound.claimSession(...args)
      if (outcome.kind !== 'existing') return outcome
      const session = { ...outcome.session, proofKey: outcome.session.proofKey ?? args[2].proofKey }
      put(tables, session)
      return { ...outcome, session }
    },
  })),

  'asks for the key of a seat that has lapsed': fault('sessions', (sound, tables) => ({
    claimSession: async (...args) => {
      const [, { canonicalKey }, asked] = args
      const rows = [...tables.sessionsOf(licenseIn(tables, canonicalKey)?.id ?? '').values()]
      const seat = rows.find((row) => row.hostId === asked.hostId && row.userIdentifier === asked.userIdentifier)
      const isOther = (seat?.proofKey ?? null) !== null && seat?.proofKey !== asked.proofKey
      return isOther && asked.trusted !== true ? { kind: 'proof-required' } : sound.claimSession(...args)
    },
  })),

  'tells seats apart by host alone': fault('sessions', (sound) => ({
    claimSession: (accountId, target, asked, step) =>
      sound.claimSession(accountId, target, { ...asked, userIdentifier: '' }, step),
  })),

  'gives a seat that is held a session more': fault('sessions', (sound, tables) => ({
    claimSession: async (accountId, target, asked, step) => {
      const stranger = { ...asked, userIdentifier: `${asked.userIdentifier}|${asked.id}` }
      const outcome = await sound.claimSession(accountId, target, stranger, step)
      if (!('session' in outcome)) return outcome
      const session = { ...outcome.session, userIdentifier: asked.userIdentifier }
      put(tables, session)
      return { ...outcome, session }
    },
  })),

  'trims what a host says of itself': fault('values of sessions and webhooks', (sound) => ({
    claimSession: (accountId, target, asked, step) => {
      const deviceTag = asked.deviceTag?.trim() ?? null
      return sound.claimSession(accountId, target, { ...asked, deviceTag }, step)
    },
  })),

  'does not use up the nonce': fault('renewing and ending sessions', (sound, tables) => ({
    renewSession: async (...args) => {
      const outcome = await sound.renewSession(...args)
      if (outcome.kind === 'renewed') put(tables, { ...outcome.session, nonce: args[2].nonce })
      return outcome
    },
  })),

  'renews the session of a blocked license': fault('renewing and ending sessions', (sound, tables) => ({
    renewSession: async (...args) => {
      const license = licenseIn(tables, args[1].canonicalKey)
      if (license !== undefined) tables.licenses.set(license.id, { ...license, blocked: false })
      const renewed = sound.renewSession(...args)
      if (license !== undefined) tables.licenses.set(license.id, license)
      return renewed
    },
  })),

  'keeps sessions through a reset': fault('renewing and ending sessions', (sound, tables) => ({
    resetLicense: async (...args) => {
      const before = new Map(tables.sessions)
      const reset = sound.resetLicense(...args)
      for (const [licenseId, sessions] of before) tables.sessions.set(licenseId, sessions)
      return reset
    },
  })),

  'counts seats, waits, then takes one': fault('session races', (sound, tables) => ({
    claimSession: async (...args) => {
      const [accountId, { canonicalKey }, , { now }] = args
      const license = licenseIn(tables, canonicalKey)
      const { total } = await sound.listSessions(accountId, license?.id ?? '', now, { limit: 0 })
      if (license === undefined || !hasFreeSeat(license, total)) return sound.claimSession(...args)
      await turnOfTheLoop()
      return withoutLimit(tables, canonicalKey, () => sound.claimSession(...args))
    },
  })),

  'compares the nonce, waits, then renews': fault('session races', (sound, tables) => ({
    renewSession: async (...args) => {
      const [accountId, target, nonces, step] = args
      const found = await sound.findSession(accountId, target, step.now)
      if (found.kind !== 'found' || found.session.nonce !== nonces.nonce) return sound.renewSession(...args)
      await turnOfTheLoop()
      const { nonce } = tables.sessionsOf(found.license.id).get(target.sessionId) ?? nonces
      return sound.renewSession(accountId, target, { ...nonces, nonce }, step)
    },
  })),

  'sweeps what it saw lapsed a moment ago': fault('session races', (sound, tables) => ({
    purgeExpired: async (now, limit) => {
      const sessions = [...tables.sessions.values()].flatMap((ofLicense) => [...ofLicense.values()])
      const lapsed = sessions.filter((session) => !isLive(session, now))
      await turnOfTheLoop()
      for (const { licenseId, id } of lapsed) tables.sessions.get(licenseId)?.delete(id)
      return sound.purgeExpired(now, limit)
    },
  })),

  'counts the seats it gave out itself': fault('session races over two handles', (sound, tables) => {
    const given = new Map<string, number>()
    return {
      claimSession: async (...args) => {
        const { canonicalKey } = args[1]
        const license = licenseIn(tables, canonicalKey)
        const count = given.get(canonicalKey) ?? 0
        if (license === undefined || !hasFreeSeat(license, count)) return sound.claimSession(...args)
        given.set(canonicalKey, count + 1)
        return withoutLimit(tables, canonicalKey, () => sound.claimSession(...args))
      },
    }
  }),

  'forgets sessions on closing': fault('persistence of sessions', (sound, tables) => ({
    close: async () => {
      tables.sessions.clear()
      return sound.close()
    },
  })),
}
