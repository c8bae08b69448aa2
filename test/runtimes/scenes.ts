import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Installation, type Stage } from './installation'
import type { Scene } from './life'
import type { Vendor } from './vendor'

/** What a busy computer needs: nothing here is about short times. */
const PATIENCE = { tryTimeoutMs: 30_000, totalTimeoutMs: 60_000, deactivateTimeoutMs: 30_000 }

/** What came of all parts. */
export interface Figures {
  starts: number
  parts: number
  readonly failures: string[]
}

/** Plays each part in folders of its own. What fails is told and counted, and the rest is played all the same. */
export async function playAll(
  parts: Readonly<Record<string, (scene: Scene) => Promise<void>>>,
  { where, stage, vendor, folder }: { where: string; stage: Stage; vendor: Vendor; folder: string },
  figures: Figures,
): Promise<void> {
  for (const [title, play] of Object.entries(parts)) {
    const scene = await setScene(stage, vendor, folder)
    await tell(`${where}: ${title}`, () => play(scene), figures)
    figures.starts += scene.app.starts
  }
}

export async function tell(title: string, work: () => Promise<void>, figures: Figures): Promise<void> {
  try {
    await work()
    figures.parts++
    console.log(`ok  ${title}`)
  } catch (error) {
    figures.failures.push(title)
    console.error(`NOT ${title}`, error)
  }
}

export async function setScene(stage: Stage, vendor: Vendor, folder: string): Promise<Scene> {
  const own = await mkdtemp(join(folder, 'part-'))
  const [dataDir, scratch] = [join(own, 'data'), join(own, 'scratch')] as const
  await mkdir(scratch)
  const options = {
    ...vendor.options,
    ...PATIENCE,
    appName: 'shipped-app',
    dataDir: stage.pathOf(dataDir),
    hostId: 'this-computer',
  }
  return { app: new Installation(stage, own, options), vendor, dataDir, scratch }
}
