import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { createDraw, type Draw } from '../storage/verbs/draw'
import { checkHistory } from './check-history'
import type { Model, Operation } from './model'

/** A counter that is read, and set to a number if it is another one. */
type Call = 'read' | number
const register: Model<number, Call, number | 'same'> = {
  initial: 0,
  apply: (state, call) => (call === 'read' ? [state, state] : [call, call === state ? 'same' : state]),
}
type Op = Operation<Call, number | 'same'>

it('says what trying every order says, of three thousand short histories', () => {
  const draw = createDraw(7)
  const counts = { linearizable: 0, violation: 0 }
  for (let turn = 0; turn < 3_000; turn++) {
    const history = Array.from({ length: 2 + draw(4) }, (_, index) => drawOperation(draw, index))
    const { kind } = checkHistory(register, history)
    expect(kind, JSON.stringify(history)).toBe(isExplained(history, 0) ? 'linearizable' : 'violation')
    counts[kind] += 1
  }
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(300)
})

it('says at once of a long history what it is', () => {
  // Eight callers, eighteen calls each, all of them at once but for their own.
  const calls = Array.from({ length: 144 }, (_, index) => index)
  const history = calls.map((index): Op => {
    const start = Math.floor(index / 8) * 10
    return { by: `${index % 8}`, call: 'read', start, end: start + 9, outcome: 0 }
  })
  expect(checkHistory(register, history).kind).toBe('linearizable')
  const wrong = history.with(140, { by: '4', call: 'read', start: 170, end: 179, outcome: 1 })
  const { kind, order } = checkHistory(register, wrong)
  expect(kind).toBe('violation')
  expect(order).toHaveLength(143)
})

function drawOperation(draw: Draw, index: number): Op {
  const start = draw(10)
  const call = draw(2) === 0 ? 'read' : draw(3)
  const outcome = draw(6) === 0 ? null : call !== 'read' && draw(3) === 0 ? 'same' : draw(3)
  return { by: `${index}`, call, start, end: start + 1 + draw(8), outcome }
}

/** Tries every operation next that nothing left has ended before, and every unknown one not at all. */
function isExplained(left: readonly Op[], state: number): boolean {
  if (left.every(({ outcome }) => outcome === null)) return true
  return left.some((operation) => {
    const others = left.filter((other) => other !== operation)
    if (others.some(({ end, outcome }) => outcome !== null && end < operation.start)) return false
    const [next, outcome] = register.apply(state, operation.call)
    if (operation.outcome !== null && !isDeepStrictEqual(outcome, operation.outcome)) return false
    return isExplained(others, next)
  })
}
