import type { Activation } from '../../domain/activation'
import { addDuration, type CalendarDuration, earliest } from '../../domain/calendar'
import { isExpired, type License } from '../../domain/license'
import { aliasedKeys } from '../../domain/license-key'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { AnswerOf } from '../../protocol/schemas/api/index'
import type { InputOf } from '../../protocol/schemas/requests'
import { deleteLicense, resetLicense, setBlocked } from '../service/change-license'
import type { Call, ServiceContext } from '../service/context'
import { type CreatedLicenses, createdBefore, createLicenses, type LicenseTerms } from '../service/create-licenses'
import { describeLicense } from '../service/describe-license'
import { nameLicense } from '../service/license-target'
import type { Answer, JsonAnswer } from './answer'
import { authorizeProducts } from './authenticate'
import { type EndpointRequest, endpoint } from './endpoint'
import { IDEMPOTENCY_HEADER } from './idempotency'
import { toExpiry, toInstant } from './instants'

/** What leads the keys of accounts that cannot choose an alias. */
const DEFAULT_ALIAS = 'KEY'

/** Family C: AuthTool. A key of another account is 403 here, as its documents say. */
export const authtoolEndpoints = [
  endpoint('authtoolCreateSingle', {
    handle: (request, context) =>
      createKeys(request, context, () => {
        const soldFor = toDuration(request.input)
        return { maxActivations: 1, soldFor, expiresAt: addDuration(context.now(), soldFor) }
      }),
  }),
  endpoint('authtoolCreateMultiple', {
    handle: (request, context) =>
      createKeys(request, context, () => {
        const { activateCount, endDate } = request.input
        if (endDate <= context.now()) {
          throw new LicenseError('INVALID_REQUEST', 'endDate: must be in the future', { detail: { field: 'endDate' } })
        }
        const duration = toDuration(request.input)
        return {
          maxActivations: activateCount,
          soldFor: duration,
          activationDuration: duration,
          expiresAt: endDate,
        }
      }),
  }),
  endpoint('authtoolReset', {
    async handle(request, context) {
      const { resetCount } = await resetLicense(context, request.call, namedKey(request))
      return { body: { message: 'Reset successfully', resetCount } }
    },
  }),
  endpoint('authtoolDetail', { handle: detail }),
  endpoint('authtoolGet', { handle: detail }),
  endpoint('authtoolChangeStatus', {
    render: renderStatusError,
    async handle(request, context) {
      await setBlocked(context, request.call, namedKey(request), request.input.status === 0)
      return { body: { message: 'Key status changed successfully' } }
    },
  }),
  endpoint('authtoolDelete', {
    async handle(request, context) {
      await deleteLicense(context, request.call, namedKey(request))
      return { body: { message: 'Key deleted successfully' } }
    },
  }),
]

type CreateFields = InputOf<'authtoolCreateSingle'>

/**
 * Makes keys, or tells those that this very call has made before: packages and dates may not be good any more.
 * @param toTerms throws where the input cannot be good now
 */
async function createKeys(
  request: EndpointRequest<CreateFields>,
  context: ServiceContext,
  toTerms: () => Omit<LicenseTerms, 'productIds'>,
): Promise<Answer<AnswerOf<'authtoolCreateSingle'>>> {
  const before = await createdBefore(context, request.call, request.input.quantity)
  const { licenses } = before ?? (await createNow(request, context, toTerms()))
  return { status: 201, body: { message: 'Create key successfully', data: licenses.map((license) => license.key) } }
}

async function createNow(
  { input, call, token }: EndpointRequest<CreateFields>,
  context: ServiceContext,
  terms: Omit<LicenseTerms, 'productIds'>,
): Promise<CreatedLicenses> {
  const productIds = await findPackages(context, call, input.packageIds)
  authorizeProducts(token, productIds)
  const alias = await chooseAlias(context, call, input.alias)
  return createLicenses(context, call, {
    quantity: input.quantity,
    terms: { ...terms, productIds, cleanable: input.isCleanable ?? false },
    keys: aliasedKeys(alias),
  })
}

/** The products behind package ids, in the order given, each once. */
async function findPackages(
  context: ServiceContext,
  call: Call,
  packageIds: readonly number[],
): Promise<readonly string[]> {
  const products = await context.store.findProductsByPackageIds(call.accountId, packageIds)
  const byPackage = new Map(products.filter(({ active }) => active).map(({ packageId, id }) => [packageId, id]))
  return [...new Set(packageIds)].map((packageId) => {
    const productId = byPackage.get(packageId)
    if (productId !== undefined) return productId
    throw new LicenseError('INVALID_REQUEST', `packageIds: there is no package ${packageId}`, {
      detail: { field: 'packageIds' },
    })
  })
}

async function chooseAlias(context: ServiceContext, call: Call, alias: string | null | undefined): Promise<string> {
  if (!alias) return DEFAULT_ALIAS
  const account = await context.store.findAccount(call.accountId)
  return account?.plan === 'pro' ? alias : DEFAULT_ALIAS
}

/** The key in the path. */
function namedKey({ params }: EndpointRequest<unknown>): { readonly canonicalKey: string } {
  const { key = '' } = params
  if (key.includes('\0')) {
    throw new LicenseError('INVALID_REQUEST', 'key: must not hold U+0000', { detail: { field: 'key' } })
  }
  return nameLicense(key)
}

async function detail(
  request: EndpointRequest<object>,
  context: ServiceContext,
): Promise<Answer<AnswerOf<'authtoolDetail'>>> {
  const target = namedKey(request)
  const { license, activations } = await describeLicense(context, request.call, target)
  const now = context.now()
  return {
    body: {
      key: {
        activateCount: license.activationCount,
        activateLimit: license.maxActivations,
        unit: license.soldFor?.unit ?? null,
        duration: license.soldFor?.amount ?? null,
        expiredAt: toExpiry(license.expiresAt),
        isExpired: isExpired(license.expiresAt, now),
      },
      devices: activations.map((activation) => toDevice(activation, license, now)),
    },
  }
}

function toDevice(activation: Activation, license: License, now: Date): AnswerOf<'authtoolDetail'>['devices'][number] {
  const expireAt = earliest(activation.expiresAt, license.expiresAt)
  const expired = isExpired(expireAt, now)
  return {
    uid: activation.hostId,
    expireAt: toExpiry(expireAt),
    activeAt: toInstant(activation.activatedAt),
    isExpired: expired,
    status: expired || license.blocked || activation.surrenderedAt !== null ? 0 : 1,
  }
}

function toDuration(input: Pick<CreateFields, 'duration' | 'unit'>): CalendarDuration {
  return { amount: input.duration, unit: input.unit }
}

/** Changing the status answers a bad body in a shape of its own. */
function renderStatusError(error: unknown): Omit<JsonAnswer, 'headers'> | undefined {
  if (!isLicenseError(error, 'INVALID_REQUEST', 'MISSING_PARAMS')) return undefined
  if (error.detail.field === IDEMPOTENCY_HEADER) return undefined
  return { status: 400, body: { message: 'Validation error', details: error.message } }
}
