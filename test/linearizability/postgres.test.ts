import { describe } from 'vitest'
import { createPostgresScratch } from '../storage/verbs/postgres-scratch'
import { everyCircumstance } from './every-circumstance'
import type { Site } from './window'
import { createWindowWorkshop } from './window-workers'

const scratch = createPostgresScratch()
const { startWorkers, together } = createWindowWorkshop()

async function openSite(): Promise<Site> {
  const { url, schema } = await scratch.schema()
  const store = await scratch.open({ url, schema })
  return { store, on: { url, schema }, workers: await startWorkers(3), together }
}

describe('three processes on one PostgreSQL database', () => {
  everyCircumstance('postgres', openSite)
})
