import type { Storage } from 'keyslot/storage'
import type { Store } from '../store'

type AllowanceVerbs = Pick<Storage, 'spendAllowance'>

export function allowanceVerbs(store: Store): AllowanceVerbs {
  return {
    spendAllowance: (account, license, { name, limit, periodMs }, unit, now) =>
      store.ask('allowances', 'spendAllowance', { account, license, name, limit, periodMs, unit, now: now.getTime() }),
  }
}
