import { describe } from 'vitest'
import { createScratch } from '../storage/verbs/sqlite-scratch'
import { everyCircumstance } from './every-circumstance'
import type { Site } from './window'
import { createWindowWorkshop } from './window-workers'

const scratch = createScratch()
const { startWorkers, together } = createWindowWorkshop()

async function openSite(): Promise<Site> {
  const file = scratch.file()
  return { store: await scratch.open(file), on: { file }, workers: await startWorkers(3), together }
}

describe('three processes on one SQLite file', () => {
  everyCircumstance('sqlite', openSite)
})
