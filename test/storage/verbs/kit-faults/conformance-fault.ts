import type { Step, Store } from '../../../../src/storage/verbs/store'
import { plainModel } from '../differential/model/plain-model'
import type { Tables } from '../differential/model/tables'

/** A store with one thing wrong, and the group of the kit that must notice. */
export interface Fault {
  readonly group: string
  readonly create: (tables: Tables) => Store
}

/** Fails in `group`: some verbs of its own in place of the sound ones. */
export function fault(group: string, breakIt: (sound: Store, tables: Tables) => Partial<Store>): Fault {
  return {
    group,
    create: (tables) => {
      const sound = plainModel(tables).storage
      return { ...sound, ...breakIt(sound, tables) }
    },
  }
}

/** Fails in `group`: every step passes through `change` first. */
export function faultInSteps(
  group: string,
  change: (step: Step<string>, run: RunStep, tables: Tables) => ReturnType<RunStep>,
): Fault {
  return {
    group,
    create: (tables) =>
      new Proxy(plainModel(tables).storage, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            const step = args.at(-1)
            if (!isStep(step)) return member(...args)
            return change(step, (changed) => member(...args.slice(0, -1), changed), tables)
          }
        },
      }),
  }
}

type RunStep = (step: Step<string>) => Promise<{ readonly kind: string }>

function isStep(value: unknown): value is Step<string> {
  return typeof value === 'object' && value !== null && 'now' in value
}
