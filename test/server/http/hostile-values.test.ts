import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { API } from '../../../src/protocol/schemas/api'
import { DEEP_JSON, HOSTILE_JSON } from '../../hostile-json'
import { type Fixture, send, startFixture, type WireAnswer } from './harness'
import { AUTHENTICATED_ROUTES, type NamedRoute, requestFor } from './requests'
import { makeSubject, type Subject } from './subject'

/** Where a hostile value goes: the names of the fields down to it. */
type Place = readonly string[]

/** Every field of a schema, those of the objects in it too. */
function placesIn(schema: z.ZodType, above: Place = []): readonly Place[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) return []
  return Object.entries<z.ZodType>(inner.shape).flatMap(([name, field]) => {
    const place = [...above, name]
    return [place, ...placesIn(field, place)]
  })
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)) return schema
  return unwrap(schema.unwrap() as z.ZodType)
}

/** JSON with `value` at a place, whatever was there. */
function jsonWith(body: object, [name = '', ...below]: Place, value: string): string {
  const inner = (body as Record<string, unknown>)[name]
  const child = typeof inner === 'object' && inner !== null ? inner : {}
  const text = below.length === 0 ? value : jsonWith(child, below, value)
  const others = JSON.stringify({ ...body, [name]: undefined }).slice(1, -1)
  return `{${others}${others === '' ? '' : ','}${JSON.stringify(name)}:${text}}`
}

/** The same in a query, as hosts with the "extended" parser read it. */
function toQuery(path: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${path}=${value}`
  return Object.entries(value)
    .map(([name, child]) => toQuery(`${path}[${name}]`, child))
    .join('&')
}

const ROUTES_WITH_FIELDS = AUTHENTICATED_ROUTES.flatMap((route) => {
  const { request } = API[route.name]
  return request === undefined ? [] : [{ ...route, places: placesIn(request) }]
})

/** True where the schema's own way to say no is an exception for one of the values. */
function throwsUnasked(name: keyof typeof API, place: Place): boolean {
  return HOSTILE_JSON.some((value) => {
    try {
      API[name].request?.safeParse(JSON.parse(jsonWith({}, place, value)))
      return false
    } catch {
      return true
    }
  })
}

function isForApps({ route }: NamedRoute): boolean {
  return route.scopes.every((scope) => scope === 'licenses:activate')
}

describe('values that pose as something else', () => {
  let fixture: Fixture
  let subject: Subject

  beforeAll(async () => {
    fixture = await startFixture({
      name: 'with the extended query parser',
      path: '/licensing',
      mount(app, { router }) {
        app.set('query parser', 'extended')
        app.use('/licensing', router)
      },
    })
    subject = await makeSubject(fixture)
  })
  afterAll(() => fixture.close())

  function sendHostile(route: NamedRoute, place: Place, value: string, token: string): Promise<WireAnswer> {
    const { path, body = {} } = requestFor(route, subject)
    const { method } = route.route
    if (route.route.input !== 'query')
      return send(fixture.url, method, path, { token, rawBody: jsonWith(body, place, value) })
    const [bare = '', query = ''] = path.split('?')
    const fields = new URLSearchParams(query)
    fields.delete(place[0] ?? '')
    return send(fixture.url, method, `${bare}?${fields}&${toQuery(place.join('.'), JSON.parse(value))}`, { token })
  }

  /** Done, or an error of the caller's in the shape of the family. */
  function expectFamilyAnswer({ name, route }: NamedRoute, { status, body }: WireAnswer, sent: string): void {
    expect(status, sent).toBeLessThan(500)
    if (status < 400) return
    const fields = route.family !== 'authtool' ? ['code', 'message'] : ['message']
    const isStatusError = name === 'authtoolChangeStatus' && status === 400
    expect(Object.keys(body).sort(), sent).toEqual(isStatusError ? ['details', 'message'] : fields)
    expect(body.message, sent).toEqual(expect.any(String))
  }

  it('are tried in every route that takes fields', () => {
    const taking = AUTHENTICATED_ROUTES.filter(({ route }) => route.input !== 'none')
    expect(ROUTES_WITH_FIELDS.map(({ name }) => name)).toEqual(taking.map(({ name }) => name))
    for (const { places } of ROUTES_WITH_FIELDS) expect(places).not.toEqual([])
  })

  it.each(ROUTES_WITH_FIELDS)('are no failure of $title', async ({ places, ...route }) => {
    const logged = fixture.logged.length
    for (const token of [fixture.secret, fixture.publishable]) {
      // Whoever lacks a scope is told before the body is looked at: one field is enough.
      const tried = token === fixture.secret || isForApps(route) ? places : places.slice(0, 1)
      for (const place of tried) {
        // What a token cannot change of the outcome is tried with one.
        const all = token === fixture.secret ? HOSTILE_JSON : HOSTILE_JSON.slice(0, 8)
        const isRoomy = route.route.input !== 'query' && (place === places[0] || place[0] === 'metadata')
        const values = isRoomy ? [...all, ...DEEP_JSON] : all
        const answers = values.map((value) => sendHostile(route, place, value, token))
        for (const [index, answer] of (await Promise.all(answers)).entries()) {
          expectFamilyAnswer(route, answer, `${place.join('.')}: ${values[index]?.slice(0, 80)}`)
        }
      }
    }
    expect(fixture.logged.slice(logged)).toEqual([])
  })

  it('make a validator throw that is asked without care, in most fields of every family', () => {
    const pairs = ROUTES_WITH_FIELDS.flatMap(({ name, route, places }) =>
      places.filter((place) => throwsUnasked(name, place)).map(() => route.family),
    )
    expect(new Set(pairs)).toEqual(new Set(['keymint', 'keymint-v1', 'authtool', 'keyslot']))
    expect(pairs.length).toBeGreaterThanOrEqual(89)
  })

  it('are refused by the name of the field', async () => {
    const { productId, publishable } = fixture
    const rawBody = `{"productId":"${productId}","hostId":"host","licenseKey":{"length":{"toString":1}}}`
    const answer = await send(fixture.url, 'POST', '/key/activate', { token: publishable, rawBody })
    expect(answer).toMatchObject({ status: 400, body: { message: 'licenseKey: is not as it should be', code: 1 } })
    const nested = `{"productId":"${productId}","newCustomer":{"name":{"length":{"toString":1}}}}`
    const created = await send(fixture.url, 'POST', '/key', { token: fixture.secret, rawBody: nested })
    expect(created).toMatchObject({
      status: 400,
      body: { message: 'newCustomer.name: is not as it should be', code: 1 },
    })
  })
})
