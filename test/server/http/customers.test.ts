import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, expectAnswer, expectMalformed, expectRefusal, PLAIN_MOUNT, post, UNKNOWN_ID } from './actions'
import { type Fixture, START, startFixture } from './harness'

let fixture: Fixture
let tokenId: string

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  const { items } = await fixture.licensing.accessTokens.list({ limit: 10 })
  tokenId = items.find(({ name }) => name === 'all')?.id ?? ''
})
afterAll(() => fixture.close())

const TAKEN = 'Customer with this email already exists'
const NOT_FOUND = 'Customer not found'

const create = (fields: object) => post(fixture, '/customer', fields)
const makeCustomer = async (fields: object = { name: 'Ada' }): Promise<string> => (await create(fields)).body.data.id
const byId = (customerId: string) => ask(fixture, 'GET', `/customer/by-id?customerId=${customerId}`)
const update = (customerId: string, fields: object) => ask(fixture, 'PUT', '/customer/by-id', { customerId, ...fields })

describe('POST /customer', () => {
  it('answers 201 and the customer', async () => {
    expectAnswer(await create({ name: 'Ada', email: 'Ada@example.com', unknown: 1 }), 201, {
      action: 'createCustomer',
      status: true,
      message: 'Customer created successfully',
      data: { id: expect.stringMatching(/^\S{22,}$/), name: 'Ada', email: 'Ada@example.com' },
      code: 0,
    })
  })

  it.each([{ name: 'Nobody' }, { name: 'Nobody', email: null }])('takes %j, any number of times', async (fields) => {
    for (const _ of [1, 2]) expect((await create(fields)).body.data).toMatchObject({ name: 'Nobody', email: null })
  })

  it('takes an email once, letter case aside', async () => {
    await makeCustomer({ name: 'First', email: 'once@example.com' })
    const { total } = await fixture.licensing.customers.list({ limit: 1 })
    for (const email of ['once@example.com', 'ONCE@Example.com']) {
      expectRefusal(await create({ name: 'Second', email }), 409, 1, TAKEN)
    }
    expect((await fixture.licensing.customers.list({ limit: 1 })).total).toBe(total)
  })

  it('50 times at once with one email makes one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        create({ name: 'x', email: index % 2 ? 'R@example.com' : 'r@example.com' }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) expectRefusal(answer, 409, 1, TAKEN)
  })

  it.each([
    [{}, 'Missing required params'],
    [{ name: null }, 'Missing required params'],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(257) }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: 'Ada', email: 'no email' }, 'email'],
    [{ name: 'Ada', email: '' }, 'email'],
    [{ name: 'Ada', email: `${'a'.repeat(250)}@example.com` }, 'email'],
    [{ name: 'a\0b' }, 'name'],
  ])('refuses %j', async (fields, message) => {
    expectMalformed(await create(fields), message)
  })
})

describe('GET /customer', () => {
  let store: Fixture

  beforeAll(async () => {
    store = await startFixture(PLAIN_MOUNT)
    for (let index = 0; index < 105; index++) {
      await store.licensing.customers.create({ name: `c${index}`, email: `c${index}@example.com` })
    }
  })
  afterAll(() => store.close())

  const page = (query: string) => ask(store, 'GET', `/customer${query}`)
  const names = (answer: { body: { data: { name: string }[] } }) => answer.body.data.map(({ name }) => name)
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `c${from + index}`)

  it.each([
    ['', { page: 1, limit: 10, totalPages: 11 }, range(0, 10)],
    ['?page=2&limit=50', { page: 2, limit: 50, totalPages: 3 }, range(50, 100)],
    ['?page=3&limit=50', { page: 3, limit: 50, totalPages: 3 }, range(100, 105)],
    ['?page=4&limit=50', { page: 4, limit: 50, totalPages: 3 }, []],
    ['?limit=100', { page: 1, limit: 100, totalPages: 2 }, range(0, 100)],
    ['?limit=101', { page: 1, limit: 100, totalPages: 2 }, range(0, 100)],
    ['?limit=999999999', { page: 1, limit: 100, totalPages: 2 }, range(0, 100)],
    ['?page=2&limit=5000', { page: 2, limit: 100, totalPages: 2 }, range(100, 105)],
    ['?limit=1&unknown=x', { page: 1, limit: 1, totalPages: 105 }, range(0, 1)],
  ])('%s gives the page it says', async (query, meta, expected) => {
    const answer = await page(query)
    expect(answer.body.meta).toEqual({ total: 105, ...meta })
    expect(names(answer)).toEqual(expected)
  })

  it.each(['?page=0', '?limit=0', '?page=-1', '?limit=x', '?page=1.5', '?limit=', '?page=1&page=2', '?email='])(
    'refuses %s',
    async (query) => expectMalformed(await page(query), query.slice(1).split('=')[0] ?? ''),
  )

  it.each(['c7@example.com', 'C7@EXAMPLE.COM'])('finds by the email %s', async (email) => {
    const answer = await page(`?email=${encodeURIComponent(email)}`)
    expect(names(answer)).toEqual(['c7'])
    expect(answer.body.meta).toEqual({ total: 1, page: 1, limit: 10, totalPages: 1 })
  })

  it('finds none by a part of an email, and says so', async () => {
    for (const email of ['c7@example', '%', 'nobody@example.com']) {
      const answer = await page(`?email=${encodeURIComponent(email)}`)
      expect(answer).toMatchObject({ status: 200, body: { data: [], meta: { total: 0, totalPages: 0 } } })
    }
  })

  it('shows every field, and nothing else', async () => {
    const { createdBy, ...customer } = (await page('?limit=1')).body.data[0]
    expect(customer).toEqual({
      id: expect.any(String),
      name: 'c0',
      email: 'c0@example.com',
      active: true,
      createdAt: START.toISOString(),
      updatedAt: START.toISOString(),
    })
    expect(createdBy).toEqual(expect.any(String))
    await post(store, '/customer', { name: 'no mail' })
    expect((await page('?page=2&limit=100')).body.data.at(-1)).toHaveProperty('email', null)
  })
})

describe('GET and PUT /customer/by-id', () => {
  it('shows the customer in a list of one', async () => {
    const id = await makeCustomer({ name: 'Ada', email: 'shown@example.com' })
    expectAnswer(await byId(id), 200, {
      action: 'getCustomerById',
      status: true,
      data: [
        {
          id,
          name: 'Ada',
          email: 'shown@example.com',
          active: true,
          createdAt: START.toISOString(),
          updatedAt: START.toISOString(),
          createdBy: tokenId,
        },
      ],
      code: 0,
    })
  })

  it('changes what is given, clears the email with null, and answers the customer', async () => {
    const id = await makeCustomer({ name: 'Ada', email: 'change@example.com' })
    fixture.clock.now = new Date(START.getTime() + 60_000)
    const answer = await update(id, { name: 'Grace' })
    fixture.clock.now = START
    expectAnswer(answer, 200, {
      action: 'updateCustomer',
      status: true,
      message: expect.any(String),
      data: {
        id,
        name: 'Grace',
        email: 'change@example.com',
        active: true,
        createdAt: START.toISOString(),
        updatedAt: '2026-06-15T12:01:00.000Z',
        createdBy: tokenId,
      },
      code: 0,
    })
    expect((await update(id, { active: false })).body.data).toMatchObject({ name: 'Grace', active: false })
    expect((await update(id, { email: null, active: true })).body.data).toMatchObject({ email: null, active: true })
    expect((await create({ name: 'Heir', email: 'change@example.com' })).status).toBe(201)
  })

  it('lets a customer keep its own email in another letter case, and take nobody else’s', async () => {
    const id = await makeCustomer({ name: 'Ada', email: 'own@example.com' })
    await makeCustomer({ name: 'Grace', email: 'other@example.com' })
    expect((await update(id, { email: 'OWN@example.com' })).body.data.email).toBe('OWN@example.com')
    expectRefusal(await update(id, { email: 'Other@example.com', name: 'Eve' }), 409, 1, TAKEN)
    expect((await byId(id)).body.data).toMatchObject([{ name: 'Ada', email: 'OWN@example.com' }])
  })

  it('says what is missing, malformed or not there', async () => {
    const id = await makeCustomer()
    expectRefusal(await update(UNKNOWN_ID, { name: 'x' }), 404, 1, NOT_FOUND)
    expectRefusal(await byId(UNKNOWN_ID), 404, 1, NOT_FOUND)
    expectRefusal(await ask(fixture, 'GET', '/customer/by-id'), 400, 1, 'Missing required params')
    expectRefusal(await ask(fixture, 'PUT', '/customer/by-id', { name: 'x' }), 400, 1, 'Missing required params')
    expectMalformed(await byId('short'), 'customerId')
    expectMalformed(await byId(`${id}&customerId=${id}`), 'customerId')
    for (const fields of [{ name: '' }, { name: null }, { email: 'x' }, { active: 'yes' }, { active: null }]) {
      expectMalformed(await update(id, fields), Object.keys(fields)[0] ?? '')
    }
  })
})

describe('POST /customer/disable', () => {
  const toggled = (message: string) => ({
    action: 'toggleActive',
    status: true,
    message,
    customerName: expect.any(String),
    active: message === 'Customer enabled',
    code: 0,
  })
  const inQuery = (id: string) => post(fixture, `/customer/disable?customerId=${id}`)
  const inBody = (id: string) => post(fixture, '/customer/disable', { customerId: id })

  it('toggles, named in the query or in the body', async () => {
    const id = await makeCustomer()
    expectAnswer(await inQuery(id), 200, toggled('Customer disabled'))
    expect((await byId(id)).body.data[0].active).toBe(false)
    expectAnswer(await inBody(id), 200, toggled('Customer enabled'))
    expect((await byId(id)).body.data[0].active).toBe(true)
    const empty = await post(fixture, `/customer/disable?customerId=${id}`, {})
    expectAnswer(empty, 200, toggled('Customer disabled'))
  })

  it('takes the body over the query', async () => {
    const id = await makeCustomer()
    const other = await makeCustomer()
    await post(fixture, `/customer/disable?customerId=${other}`, { customerId: id })
    expect((await byId(id)).body.data[0].active).toBe(false)
    expect((await byId(other)).body.data[0].active).toBe(true)
  })

  it('101 times at once leaves it disabled, having been each as often', async () => {
    const id = await makeCustomer()
    const answers = await Promise.all(Array.from({ length: 101 }, (_, index) => (index % 2 ? inQuery : inBody)(id)))
    const disabled = answers.filter(({ body }) => body.message === 'Customer disabled')
    expect({ disabled: disabled.length, all: answers.length }).toEqual({ disabled: 51, all: 101 })
    expect((await byId(id)).body.data[0].active).toBe(false)
  })

  it('says what is missing, malformed or not there', async () => {
    expectRefusal(await post(fixture, '/customer/disable'), 400, 1, 'Missing required params')
    expectMalformed(await inQuery('short'), 'customerId')
    expectMalformed(await inBody('short'), 'customerId')
    expectMalformed(await post(fixture, `/customer/disable?customerId=${UNKNOWN_ID}`, []), 'object')
    expectRefusal(await inBody(UNKNOWN_ID), 404, 1, NOT_FOUND)
  })
})
