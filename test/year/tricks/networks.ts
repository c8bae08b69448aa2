import type { Computer } from '../computer'
import { fetchOver, type Network } from '../networks'
import type { Rider } from '../rider'
import { RENEWAL_DAYS, TOKEN_DAYS, type Trick } from '../trick'
import { whenPaidEnds } from './end'

type Fetch = ReturnType<typeof fetchOver>

const ONE_TOKEN = [TOKEN_DAYS, 0] as const
const OPEN_TLS =
  'SECURITY.md, “Answers”: whoever opens TLS on the way can keep the kit from contact, and no more; token and grace end'

const over = (network: Network) => (rider: Rider) =>
  whenPaidEnds(rider, () => {
    for (const computer of rider.computers) computer.network = network
  })

/** Somebody on the way alters what passes. */
function through(filter: (computer: Computer) => Fetch) {
  return (rider: Rider) =>
    whenPaidEnds(rider, () => {
      for (const computer of rider.computers) computer.options = { ...computer.options, fetch: filter(computer) }
    })
}

const end = { kind: 'end', boundDaysPerMonth: ONE_TOKEN } as const

/** What is put between the kit and the server, so that it does not hear of the end. */
export const NETWORK_TRICKS: readonly Trick[] = [
  {
    kind: 'end',
    name: 'nothing is done',
    says: 'The computer stays online.',
    boundDaysPerMonth: [RENEWAL_DAYS, 0],
    stated: 'docs/seats.md: refused at the next contact, which is due when half of the token’s life is over',
    play: (rider) => whenPaidEnds(rider, () => undefined),
  },
  {
    ...end,
    name: 'a portal kept between',
    says: 'It answers all with its own page.',
    stated: OPEN_TLS,
    play: over('portal'),
  },
  {
    ...end,
    name: 'headers stripped',
    says: 'Both ways, those of keyslot and the proof.',
    stated: OPEN_TLS,
    play: over('stripping'),
  },
  { ...end, name: 'answers lost', says: 'Each of them.', stated: OPEN_TLS, play: over('loses-answers') },
  {
    ...end,
    name: 'a certificate that nobody trusts',
    says: 'TLS is opened on the way.',
    stated: OPEN_TLS,
    play: over('inspected'),
  },
  {
    kind: 'end',
    name: 'the revocation list blocked',
    says: 'All else passes.',
    boundDaysPerMonth: [RENEWAL_DAYS, 0],
    stated: 'SECURITY.md, “Revocation”: the server’s own no at the next contact needs no list',
    play: through(({ network }) => {
      const pass = fetchOver(() => network)
      return async (url, init) =>
        String(url).includes('/.well-known/revocations') ? new Response('', { status: 404 }) : await pass(url, init)
    }),
  },
  {
    ...end,
    name: 'a no that becomes 503',
    says: 'Every refusal is altered on the way.',
    stated: OPEN_TLS,
    play: through(({ network }) => {
      const pass = fetchOver(() => network)
      return async (url, init) => {
        const answer = await pass(url, init)
        return answer.status < 400 ? answer : new Response('', { status: 503 })
      }
    }),
  },
  {
    ...end,
    name: 'an old yes, told again',
    says: 'The answer to an activation before the end is given to each request after it.',
    stated: `${OPEN_TLS}; an answer counts for the nonce of its request`,
    async play(rider) {
      let yes = new Response(null, { status: 503 })
      const record: Fetch = async (url, init) => {
        const answer = await fetch(url, init)
        if (answer.ok && new URL(String(url)).pathname.endsWith('activate')) yes = answer.clone()
        return answer
      }
      rider.main.options = { ...rider.main.options, fetch: record }
      await rider.main.open().activate(rider.key)
      through(() => async () => yes.clone())(rider)
    },
  },
]
