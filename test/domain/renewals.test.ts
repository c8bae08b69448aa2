import { describe, expect, it } from 'vitest'
import { decideRenewal, firstRenewals, type Renewal, type Renewals } from '../../src/domain/renewals'
import type { CloneRule } from '../../src/protocol/enumerations'

const START = new Date('2026-06-15T12:00:00.000Z')
const MINUTE = 60_000
const DAY = 86_400_000

/** The server's side: what it knows of one key, and what it has answered. */
class Line {
  renewals: Renewals = firstRenewals(START)
  #now = START.getTime()
  readonly kinds: Renewal['kind'][] = []
  constructor(readonly rule: CloneRule = 'event') {}

  wait(ms: number): this {
    this.#now += ms
    return this
  }

  /** Returns the number in the token that the caller is given. */
  show(shown: number | undefined, afterMs = DAY): number {
    this.wait(afterMs)
    const { kind, renewals } = decideRenewal(this.renewals, shown, this.rule, new Date(this.#now))
    this.renewals = renewals
    this.kinds.push(kind)
    return renewals.count
  }

  get clones(): number {
    return this.kinds.filter((kind) => kind === 'cloned' || kind === 'ended-now').length
  }
}

/** A host: it keeps the number of the last token that reached it. */
class Host {
  constructor(
    readonly line: Line,
    public number = 0,
  ) {}
  renew(afterMs = DAY): void {
    this.number = this.line.show(this.number, afterMs)
  }
  /** The answer is lost. */
  renewInVain(afterMs = DAY): void {
    this.line.show(this.number, afterMs)
  }
  copy(): Host {
    return new Host(this.line, this.number)
  }
}

describe('no clone is', () => {
  it('one host, however long', () => {
    const line = new Line()
    const host = new Host(line)
    for (let day = 0; day < 50; day++) host.renew()
    expect([line.clones, host.number]).toEqual([0, 50])
  })

  it.each([1, 2, 7])('one host that loses %i answers in a row, again and again', (lost) => {
    const line = new Line()
    const host = new Host(line)
    for (let round = 0; round < 20; round++) {
      for (let times = 0; times < lost; times++) host.renewInVain()
      host.renew()
    }
    expect(line.clones).toBe(0)
  })

  it('one host that tries again within seconds, and one that asks all the time: the number stays for five minutes', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    for (let tries = 0; tries < 50; tries++) host.renew(5_000)
    expect([line.clones, host.number]).toEqual([0, 1])
    host.renew(5 * MINUTE)
    expect(host.number).toBe(2)
  })

  it('two processes that share one file, which ask at the same time or in turns', () => {
    const line = new Line()
    const [one, other] = [new Host(line), new Host(line)]
    for (let round = 0; round < 30; round++) {
      // Both have read the file; both write it.
      one.renew(DAY)
      other.renew(2_000)
      // In turns, each reads what the other has written.
      one.number = other.number
      one.renew(DAY)
      other.number = one.number
    }
    expect(line.clones).toBe(0)
  })

  it('a host whose server is restored from a backup', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    const backup = line.renewals
    for (let day = 0; day < 5; day++) host.renew()
    line.renewals = backup
    host.renew()
    expect([line.kinds.at(-1), host.number]).toEqual(['renewed', 7])
    host.renew()
    expect([line.clones, host.number]).toEqual([0, 8])
  })

  it('a host that is restored from a backup of its folder, whose other branch is gone', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    const backup = host.copy()
    for (let day = 0; day < 5; day++) host.renew()
    for (let day = 0; day < 5; day++) backup.renew()
    expect(line.clones).toBe(0)
  })

  it('a plain client, which shows no number', () => {
    const line = new Line()
    for (let day = 0; day < 5; day++) line.show(undefined)
    expect(line.renewals).toEqual(firstRenewals(START))
  })

  it('a host whose server`s clock is set back', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    host.renew(-30 * DAY)
    host.renew()
    expect([line.clones, host.number]).toEqual([0, 3])
  })
})

describe('two holders of one state', () => {
  it.each([5 * MINUTE, 3 * 3_600_000, DAY])('are seen once both have renewed, %i ms apart', (apart) => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    const clone = host.copy()
    host.renew()
    clone.renew(apart)
    expect(line.clones).toBe(0)
    host.renew()
    expect(line.kinds.at(-1)).toBe('cloned')
  })

  it('are seen where the clone is of an older state, such as an image of a virtual machine', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    const image = host.copy()
    for (let day = 0; day < 5; day++) host.renew()
    image.renew()
    expect(line.clones).toBe(0)
    host.renew()
    expect(line.clones).toBe(1)
  })

  it('are seen though both lie within five minutes of each other for once', () => {
    const line = new Line()
    const host = new Host(line)
    host.renew()
    const clone = host.copy()
    host.renew()
    clone.renew(2 * MINUTE)
    expect(clone.number).toBe(host.number)
    host.renew()
    clone.renew(6 * MINUTE)
    host.renew()
    expect(line.clones).toBe(1)
  })

  it('are told of once a day while they go on, and both go on', () => {
    const line = new Line()
    const host = new Host(line)
    const clone = host.copy()
    for (let hour = 0; hour < 48; hour++) {
      host.renew(30 * MINUTE)
      clone.renew(30 * MINUTE)
    }
    expect(line.clones).toBeGreaterThanOrEqual(2)
    expect(line.clones).toBeLessThanOrEqual(3)
    expect(line.kinds).not.toContain('ended')
  })

  it('must both activate again where the product says so, and are seen again where both do', () => {
    const line = new Line('reactivate')
    const host = new Host(line)
    const clone = host.copy()
    host.renew()
    clone.renew()
    host.renew()
    expect(line.kinds.at(-1)).toBe('ended-now')
    expect([line.show(clone.number, MINUTE), line.kinds.at(-1)]).toEqual([line.renewals.count, 'ended'])
    // Activating gives out the newest number, without one being shown.
    host.number = line.show(undefined)
    host.renew()
    expect(line.kinds.at(-1)).toBe('renewed')
    clone.number = line.show(undefined, MINUTE)
    clone.renew()
    host.renew()
    expect(line.clones).toBe(1)
    clone.renew()
    host.renew()
    expect(line.clones).toBe(2)
  })
})
