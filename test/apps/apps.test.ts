import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { printFigures } from '../client/figures'
import { type App, CARELESS, Computer, ELECTRON, SHIPPED_APP } from './apps'
import { Shop } from './shop'
import { STORIES, type Story } from './stories'

const figures = { stories: STORIES.length, apps: 0, passed: 0, failedByCareless: 0 }
printFigures('C12', figures)

async function play(app: App, story: Story): Promise<void> {
  const shop = await Shop.open()
  try {
    await story.play(await Computer.of(app, shop), shop)
  } finally {
    await shop.close()
  }
}

describe.each([SHIPPED_APP, ELECTRON])('$name', (app) => {
  beforeAll(async () => {
    await app.prepare()
    figures.apps++
  })

  it.concurrent.each(STORIES)('$name', async (story) => {
    await play(app, story)
    figures.passed++
  })
})

describe(CARELESS.name, () => {
  const failed: string[] = []
  afterAll(() => {
    figures.failedByCareless = failed.length
  })

  it('fails where a careful one passes', async () => {
    const telling = STORIES.filter(({ name }) =>
      /away, then|blocked|late|there again|restored|uninstalled, and/.test(name),
    )
    const play_ = (story: Story) => play(CARELESS, story).catch(() => void failed.push(story.name))
    await Promise.all(telling.map(play_))
    expect(failed.length).toBeGreaterThanOrEqual(4)
  })
})
