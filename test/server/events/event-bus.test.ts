import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { createEventBus, type EventBus } from '../../../src/server/events/event-bus'
import { EVENT } from './deliveries'

let bus: EventBus
let heard: string[]
let logged: unknown[][]

beforeEach(() => {
  heard = []
  logged = []
  bus = createEventBus({ warn: () => undefined, error: (message, error) => void logged.push([message, error]) })
})

describe('listening', () => {
  it('calls those for the type, in the order they came, until they are taken off', () => {
    const first = () => heard.push('first')
    bus.on('license.activated', first)
    bus.on('license.activated', ({ id }) => heard.push(`second ${id}`))
    bus.on('license.deactivated', () => heard.push('other'))
    bus.emit(EVENT)
    expect(heard).toEqual(['first', 'second evt_one'])
    bus.off('license.activated', first)
    bus.off('license.created', first)
    bus.emit(EVENT)
    expect(heard).toEqual(['first', 'second evt_one', 'second evt_one'])
  })

  it('calls a listener added twice once', () => {
    const listener = () => heard.push('once')
    bus.on('license.activated', listener)
    bus.on('license.activated', listener)
    bus.emit(EVENT)
    expect(heard).toEqual(['once'])
  })

  it('lets listeners come and go meanwhile', () => {
    const once = () => {
      heard.push('once')
      bus.off('license.activated', once)
      bus.on('license.activated', () => heard.push('late'))
    }
    bus.on('license.activated', once)
    bus.on('license.activated', () => heard.push('always'))
    bus.emit(EVENT)
    expect(heard).toEqual(['once', 'always'])
    bus.emit(EVENT)
    expect(heard).toEqual(['once', 'always', 'always', 'late'])
  })

  it('logs what a listener throws or rejects with, and goes on', async () => {
    const problem = new Error('theirs')
    bus.on('license.activated', () => {
      throw problem
    })
    bus.on('license.activated', async () => {
      throw problem
    })
    bus.on('license.activated', () => heard.push('last'))
    bus.emit(EVENT)
    expect(heard).toEqual(['last'])
    await new Promise((resolve) => setImmediate(resolve))
    const line = ['keyslot: a listener for license.activated failed', problem]
    expect(logged).toEqual([line, line])
  })

  it('is not stopped by a logger that throws', async () => {
    const throwing = () => {
      throw new Error('logger')
    }
    const unlucky = createEventBus({ warn: throwing, error: throwing })
    unlucky.on('license.activated', throwing)
    unlucky.on('license.activated', () => Promise.reject(new Error('theirs')))
    unlucky.on('license.activated', () => heard.push('last'))
    unlucky.emit(EVENT)
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual(['last'])
  })

  it('knows the type', () => {
    bus.on('license.activated', (event) => expectTypeOf(event.type).toEqualTypeOf<'license.activated'>())
    // @ts-expect-error: no such type
    expect(() => bus.on('license.activted', () => undefined)).toThrow('Did you mean license.activated?')
  })
})
