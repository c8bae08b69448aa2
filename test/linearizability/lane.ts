import type { Draw } from '../storage/verbs/draw'
import { KEYS } from './once-model'
import type { Recorder } from './recorder'
import { SEAT_HOSTS, type Seat } from './seats-model'
import { HOSTS } from './slots-model'

/** One caller of several in a process, and what it does in a window: one call after the other, as they are drawn. */
interface Lane {
  readonly by: string
  readonly window: number
  readonly draw: Draw
  readonly recorder: Recorder
}

/** How many things a lane does in a window; some take two calls. */
const TURNS = 4

export async function runLane(lane: Lane): Promise<void> {
  const { by, window, draw } = lane
  const seen: Seat[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const name = `${window}-${by}-${turn}`
    const kind = draw(10)
    if (kind < 4) await useSlots(lane, name)
    else if (kind < 8) await useSeats(lane, name, seen)
    else await create(lane, name)
  }
}

async function useSlots({ by, draw, recorder }: Lane, name: string): Promise<void> {
  const time = draw(2) === 0 ? 'early' : 'late'
  const host = draw(HOSTS)
  const kind = draw(20)
  if (kind < 7) return void (await recorder.ask(by, 'slots', { do: 'claim', host, id: name }, time))
  if (kind < 10) {
    // Mostly each key goes with one host: a replay. Else it was used for something else.
    const key = draw(KEYS)
    const keyed = draw(4) === 0 ? host : key
    const call = draw(3) === 0 ? ({ do: 'release' } as const) : ({ do: 'claim', id: name } as const)
    return void (await recorder.ask(by, 'slots', { ...call, host: keyed, key }, time))
  }
  if (kind < 14) return void (await recorder.ask(by, 'slots', { do: 'release', host }, time))
  if (kind < 16) return void (await recorder.ask(by, 'slots', { do: 'validate', host }, time))
  if (kind < 17) return void (await recorder.ask(by, 'slots', { do: 'describe' }, time))
  if (kind < 18) return void (await recorder.ask(by, 'slots', { do: draw(2) === 0 ? 'reset' : 'release-all' }, time))
  await recorder.ask(by, 'slots', { do: 'block', blocked: draw(3) === 0 }, time)
}

/** @param seen the sessions that the lane has been told of, with the nonces of then */
async function useSeats({ by, draw, recorder }: Lane, name: string, seen: Seat[]): Promise<void> {
  const time = draw(2) === 0 ? 'early' : 'late'
  const kind = draw(20)
  if (kind < 8) {
    const call = { do: 'checkout', host: draw(SEAT_HOSTS), id: name, nonce: `${name}-first` } as const
    const told = await recorder.ask(by, 'seats', draw(4) === 0 ? { ...call, host: 0, key: 0 } : call, time)
    return remember(seen, told)
  }
  if (kind >= 18) {
    const call = draw(2) === 0 ? ({ do: 'reset' } as const) : ({ do: 'block', blocked: draw(3) === 0 } as const)
    return void (await recorder.ask(by, 'seats', call, time))
  }
  // What a client knows of its session may be old by now: another has used the nonce up.
  if (seen.length === 0 || draw(3) > 0) {
    const told = await recorder.ask(by, 'seats', { do: 'list' }, time)
    const listed = told !== null && 'seats' in told ? (told.seats ?? []) : []
    seen.push(...listed.filter((seat) => seat !== null))
  }
  const { id, nonce } = seen.at(-1 - draw(Math.min(2, seen.length))) ?? { id: 'nobody', nonce: 'none' }
  if (kind >= 14) return void (await recorder.ask(by, 'seats', { do: 'checkin', id, nonce }, time))
  remember(seen, await recorder.ask(by, 'seats', { do: 'renew', id, nonce, next: `${name}-next` }, time))
}

function remember(
  seen: Seat[],
  told: { readonly id?: string; readonly nonce?: string } | { readonly kind: string } | null,
): void {
  if (told !== null && 'id' in told && told.id !== undefined && told.nonce !== undefined) {
    seen.push({ id: told.id, nonce: told.nonce })
  }
}

async function create({ by, draw, recorder }: Lane, name: string): Promise<void> {
  const order = draw(4) === 0 ? 1 : 0
  const told = await recorder.ask(by, 'creations', { do: 'create', name, order, key: 0 }, 'early')
  const made = told !== null && 'name' in told ? told.name : undefined
  await recorder.ask(by, 'creations', { do: 'find', name: made ?? name }, 'early')
}
