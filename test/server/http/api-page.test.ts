import type express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LicenseError } from '../../../src/protocol/license-error'
import { API_PAGE_FILES } from '../../../src/protocol/schemas/api/page-files'
import { apiPageEndpoints } from '../../../src/server/http/api-page'
import { createRouter } from '../../../src/server/http/mounts/express'
import { PLAIN_MOUNT } from './actions'
import { documentedError, fetchDocument, operationsOf } from './documented'
import { type Fixture, send, startFixture } from './harness'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})

afterAll(() => fixture.close())

/** The files a page loads, as a browser would find them. */
function assetsOf(html: string, pageUrl: string): readonly string[] {
  return [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => new URL(link, pageUrl).href)
}

describe('the API page', () => {
  it.each(['/docs', '/docs/', '/docs?from=/'])('%s is HTML whose files are all served from here', async (path) => {
    const answer = await fetch(fixture.url + path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const assets = assetsOf(await answer.text(), fixture.url + path)
    expect(assets).toHaveLength(Object.keys(API_PAGE_FILES).length)
    for (const url of assets) {
      expect(url.startsWith(`${fixture.url}/docs/`), url).toBe(true)
      const asset = await fetch(url)
      const file = url.split('/').at(-1) as keyof typeof API_PAGE_FILES
      expect(asset.status, url).toBe(200)
      expect(asset.headers.get('content-type')?.split(';')[0]).toBe(API_PAGE_FILES[file])
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff')
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
  })

  it('loads nothing from elsewhere, and runs nothing that stands in the page', async () => {
    const answer = await fetch(`${fixture.url}/docs`)
    const html = await answer.text()
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(html).not.toMatch(/https?:|<style|style=|<script>|\bon\w+=/)
    const css = await (await fetch(`${fixture.url}/docs/swagger-ui.css`)).text()
    expect(css).not.toMatch(/@import|url\(\s*["']?(https?:)?\/\//)
    const script = await (await fetch(`${fixture.url}/docs/page.js`)).text()
    expect(script).not.toMatch(/https?:/)
    // Swagger UI would ask a validator of its makers' otherwise.
    expect(script).toContain('validatorUrl: null')
  })

  it('shows the document beside it', async () => {
    const script = await (await fetch(`${fixture.url}/docs/page.js`)).text()
    const shown: { url?: string } = {}
    const browser = { currentScript: { src: `${fixture.url}/docs/page.js` } }
    new Function('SwaggerUIBundle', 'document', 'URL', script)(
      (options: { url: string }) => Object.assign(shown, options),
      browser,
      URL,
    )
    expect(shown.url).toBe(`${fixture.url}/openapi.json`)
    expect((await send(shown.url ?? '', 'GET', '')).body.openapi).toBe('3.1.1')
  })

  it.each(['package.json', 'index.html', '..%2Fpackage.json', 'constructor'])('has no file %s', async (file) => {
    const answer = await send(fixture.url, 'GET', `/docs/${file}`)
    expect(answer.status).toBe(404)
    expect(answer.body).toEqual({ message: 'The API page has no such file', code: 1 })
  })
})

describe('the API page without its package', () => {
  it('says what to install, as documented', async () => {
    const missing = new LicenseError('PEER_MISSING', 'The API page needs swagger-ui-dist: npm install swagger-ui-dist')
    const mount = {
      ...PLAIN_MOUNT,
      mount(app: express.Express) {
        const endpoints = apiPageEndpoints(
          () => undefined,
          () => Promise.reject(missing),
        )
        app.use('/licensing', createRouter(endpoints, () => {}) as unknown as express.RequestHandler)
      },
    }
    const bare = await startFixture(mount)
    try {
      const document = await fetchDocument(fixture)
      for (const name of ['apiPage', 'apiPageFile'] as const) {
        const place = operationsOf(document).find(({ operation }) => operation.operationId === name)
        const path = name === 'apiPage' ? '/docs' : '/docs/swagger-ui.css'
        const { status, body } = await send(bare.url, 'GET', path)
        expect({ status, body }).toEqual(place && documentedError(document, place.operation, 'PEER_MISSING'))
      }
    } finally {
      await bare.close()
    }
  })
})

it('is not there, nor in the document, where it is switched off', async () => {
  const off = await startFixture(PLAIN_MOUNT, { apiPage: false })
  try {
    for (const path of ['/docs', '/docs/page.js']) expect((await fetch(off.url + path)).status).toBe(404)
    const paths = operationsOf(await fetchDocument(off)).map(({ path }) => path)
    expect(paths).toContain('/openapi.json')
    expect(paths.filter((path) => path.startsWith('/docs'))).toEqual([])
  } finally {
    await off.close()
  }
})
