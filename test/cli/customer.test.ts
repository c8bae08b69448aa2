import { beforeAll, describe, expect, it } from 'vitest'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchStore } from './scratch-folder'

interface CustomerJson {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly active: boolean
}

const { args: store } = scratchStore()

beforeAll(async () => {
  await keyslotJson('product', 'create', ...store, 'Editor')
})

describe('keyslot customer', () => {
  it('creates, shows, lists, updates, disables, enables and deletes', async () => {
    const email = ['--email', 'ada@example.com']
    const made = await keyslotJson<CustomerJson>('customer', 'create', ...store, 'Ada', ...email)
    expect(made).toMatchObject({ name: 'Ada', email: 'ada@example.com', active: true })
    expect(made).not.toHaveProperty('accountId')
    const { key } = await keyslotJson<{ key: string }>('license', 'create', ...store, '--customer', 'ADA@example.com')

    const [shown, listed, held] = await Promise.all([
      keyslot('customer', 'show', ...store, made.id),
      keyslot('customer', 'list', ...store),
      keyslotJson('license', 'list', ...store, '--customer', 'ada@example.com'),
    ])
    expect(shown.stdout).toMatch(/^Name +Ada$/m)
    expect(shown.stdout).toMatch(/^Licenses +1$/m)
    expect(shown.stdout).toMatch(new RegExp(`^${key} +active +0/∞ +never`, 'm'))
    expect(listed.stdout).toMatch(
      new RegExp(`^ID +NAME +EMAIL +STATUS +MADE\n${made.id} +Ada +ada@example\\.com +active `),
    )
    expect(held).toMatchObject({ total: 1, items: [{ key }] })

    expect(await keyslotJson('customer', 'disable', ...store, made.id)).toMatchObject({ active: false })
    expect(await keyslotJson('license', 'show', ...store, key)).toMatchObject({ status: 'customer-inactive' })
    expect(await keyslotJson('customer', 'enable', ...store, made.id)).toMatchObject({ active: true })
    const renamed = ['--name', 'Ada King', '--email', 'none']
    expect(await keyslotJson('customer', 'update', ...store, 'ada@example.com', ...renamed)).toMatchObject({
      id: made.id,
      name: 'Ada King',
      email: null,
    })

    const gone = await keyslot('customer', 'delete', ...store, made.id, '--yes')
    expect(gone).toEqual({ code: 0, stdout: 'Ada King is deleted, and with it 1 license.\n', stderr: '' })
    const missing = 'There is no such customer; keyslot customer list shows those there are, with their ids'
    expect(await keyslot('customer', 'show', ...store, made.id)).toEqual({
      code: 1,
      stdout: '',
      stderr: `keyslot: ${missing}\n`,
    })
    expect(await keyslot('license', 'show', ...store, key)).toMatchObject({ code: 1 })
  })

  it('says in one line that an email is taken', async () => {
    const create = ['customer', 'create', ...store, 'Grace', '--email', 'grace@example.com']
    expect(await keyslot(...create)).toMatchObject({ code: 0 })
    expect(await keyslot(...create)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'keyslot: A customer with this email exists already\n',
    })
  })
})
