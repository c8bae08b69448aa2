import { ACCOUNT, newLicense } from '../storage/verbs/kit/entities'
import { creationPayload } from './creation-model'
import type { CallOf, OutcomeOf } from './objects'
import { type Answered, nameOf, type Place, stepOf, type Time, told } from './place'

/** Asks a store what the model of creations is asked. */
export async function performCreations(
  { store, window }: Place,
  asked: CallOf<'creations'>,
  time: Time,
): Promise<OutcomeOf<'creations'>> {
  const { key, ...call } = asked
  const find = (name: string) => store.findLicense(ACCOUNT.id, newLicense(name).canonicalKey)
  switch (call.do) {
    case 'create': {
      const step = stepOf(nameOf('creations', window), time, creationPayload(call), key)
      const license = newLicense(call.name)
      const answer: Answered = await store.insertLicenses(ACCOUNT.id, { licenses: [license] }, step)
      return told(answer, { name: answer.licenses?.[0]?.id.slice('lic_'.length) })
    }
    case 'find':
      return { kind: (await find(call.name)).kind }
    case 'count': {
      const found = await Promise.all(call.names.map(find))
      return { kind: 'counted', names: call.names.filter((_, index) => found[index]?.kind === 'found') }
    }
  }
}
