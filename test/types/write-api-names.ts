/** Writes api-names.json: the names that each entry exports. */
import { writeFileSync } from 'node:fs'
import { ENTRIES, PublicApi } from './public-api'

const api = new PublicApi()
const names = Object.fromEntries(Object.entries(ENTRIES).map(([entry, path]) => [entry, api.namesOf(path)]))
writeFileSync(new URL('api-names.json', import.meta.url), `${JSON.stringify(names, null, 2)}\n`)
