import express from 'express'
import { ROUTES } from '../../../src/protocol/routes'
import { apiPageEndpoints } from '../../../src/server/http/api-page'
import { authtoolEndpoints } from '../../../src/server/http/authtool'
import { customerEndpoints } from '../../../src/server/http/customers'
import { floatingEndpoints } from '../../../src/server/http/floating'
import { keymintEndpoints } from '../../../src/server/http/keymint'
import { keymintV1Endpoints } from '../../../src/server/http/keymint-v1'
import { openapiEndpoint } from '../../../src/server/http/openapi'
import type { DescribedEndpoint } from '../../../src/server/http/openapi/errors'
import { mountEndpoints } from '../../../src/server/http/router'
import { signEndpoints } from '../../../src/server/http/sign'
import { keyslotEndpoints } from '../../../src/server/http/validate'
import type { Mount } from './harness'

// Until router.ts mounts them: then DOCUMENTED_MOUNT is PLAIN_MOUNT, and this file goes.

const page = apiPageEndpoints(() => undefined)

const described = [
  ...keymintEndpoints,
  ...floatingEndpoints,
  ...signEndpoints,
  ...customerEndpoints,
  ...keymintV1Endpoints,
  ...authtoolEndpoints,
  ...keyslotEndpoints,
  { route: ROUTES.jwks },
  { route: ROUTES.revocations },
  { route: ROUTES.healthz },
  ...page,
] as readonly DescribedEndpoint[]

const unwired = [...page, openapiEndpoint(described)]

export const UNWIRED_ROUTES = unwired.map(({ route }) => `${route.method} ${route.path}`)

export const DOCUMENTED_MOUNT: Mount = {
  name: 'at a path',
  path: '/licensing',
  mount(app, { router }) {
    const rest = express.Router()
    mountEndpoints(rest, unwired)
    app.use('/licensing', router, rest)
  },
}
