import { isLive } from '../../../../src/domain/session'
import { newSession } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawLicenseId, drawTarget } from './draw-activations'
import { drawHost, drawProofKey } from './draw-slots'
import { drawPage, type Maker } from './maker'
import { drawAccount, drawStep, type World } from './world'

export const sessionMakers: readonly Maker[] = [
  {
    weight: 14,
    make: (dice, world) => {
      const step = drawStep(world, dice, 'created', 'existing')
      return call('claimSession', drawAccount(dice), drawTarget(dice, 'floating'), drawSession(dice, world), step)
    },
  },
  { weight: 2, make: (dice, world) => call('findSession', drawAccount(dice), drawNamed(dice, world), world.now) },
  {
    weight: 6,
    make: (dice, world) => {
      const { nonce, ...target } = drawNamed(dice, world)
      const nonces = { nonce: drawNonce(dice, nonce), nextNonce: `nonce_${world.round}` }
      return call('renewSession', drawAccount(dice), target, nonces, drawStep(world, dice, 'renewed'))
    },
  },
  {
    weight: 4,
    make: (dice, world) => {
      const { nonce, ...target } = drawNamed(dice, world)
      const shown = drawNonce(dice, nonce)
      return call('releaseSession', drawAccount(dice), target, shown, drawStep(world, dice, 'released'))
    },
  },
  {
    weight: 2,
    make: (dice, { now }) => call('listSessions', drawAccount(dice), drawLicenseId(dice), now, drawPage(dice)),
  },
]

/** An id that is taken is that of a live session: one that has lapsed may be gone. */
function drawSession(dice: Dice, world: World) {
  const taken = dice.chance(4)
    ? world.sessions.findLast(({ expiresAt }) => isLive({ expiresAt }, world.now))
    : undefined
  return newSession(drawHost(dice), {
    id: taken?.id ?? `ses_${world.round}`,
    userIdentifier: dice.one(['', 'ada']),
    deviceTag: dice.one([null, 'device']),
    ...(dice.chance(25) && { proofKey: drawProofKey(dice) }),
    ...(dice.chance(10) && ({ trusted: true } as const)),
    secret: `secret_${world.round}`,
    nonce: `nonce_${world.round}`,
  })
}

function drawNonce(dice: Dice, known: string): string {
  return dice.chance(80) ? known : 'no nonce'
}

/** A session that is known, mostly under its license and with its nonce. */
function drawNamed(dice: Dice, world: World) {
  const live = world.sessions.filter((session) => isLive(session, world.now))
  const [known] = (dice.chance(70) ? live : world.sessions).slice(-1 - dice.upTo(6))
  const drawn = drawTarget(dice)
  return {
    canonicalKey: dice.chance(90) ? (known?.canonicalKey ?? drawn.canonicalKey) : drawn.canonicalKey,
    productId: drawn.productId,
    sessionId: known?.id ?? 'ses_none',
    nonce: known?.nonce ?? 'no nonce',
  }
}
