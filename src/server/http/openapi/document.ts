import { KEYMINT_WIRES } from '../../../protocol/enumerations'
import { LICENSE_KEY_HEADER, WIRE_HEADER } from '../../../protocol/keymint-wire'
import { ROUTES, type RouteDefinition, type RouteName, type WireFamily } from '../../../protocol/routes'
import { COMPACT_JWS } from '../../../protocol/schemas/answers/parts'
import { API } from '../../../protocol/schemas/api/index'
import { type JsonSchema, type NamedSchemas, namedSchemas } from '../../../protocol/schemas/api/json-schema'
import { NONCE_HEADER } from '../../../protocol/signed-answer'
import type { DescribedEndpoint } from './errors'
import { describeOperation } from './operation'
import { createSharedExamples } from './responses'

/** An OpenAPI 3.1 document without `servers`, which depends on the request. */
export type OpenApiDocument = JsonSchema

const DESCRIPTION = `License keys, activation slots and license tokens for offline checks, over the wire protocols of two
services: a program written for either runs against this server with only its base URL changed. A license key made
through any family of routes works through all of them.

**Access tokens.** Secret tokens (\`at_…\`) carry the scopes they were made with. Publishable tokens (\`pk_…\`) may ship
inside apps: they carry \`licenses:activate\`, for listed products, and nothing else. Families A, B and D take them as
\`Authorization: Bearer\`, family C as \`X-API-Key\`.

**Order of checks.** Token, its address allow-list, scope, proof of possession, body, the token's product list, product and key, the license's
state, limits: the first that fails answers.

**Rules.** Bodies are JSON in UTF-8 of at most 100,000 bytes. Unknown fields are ignored. License keys are matched
without regard to letter case, white space around them, invisible characters and the kind of dash; ids and hostIds exactly.
Activation, validation and checkout also read a key that stands behind a label or between marks, and one of at least 80 random
bits without its separators, with O for 0 and I for 1.`

const TAGS: readonly { readonly name: WireFamily; readonly description: string }[] = [
  { name: 'keymint', description: 'A. KeyMint, current. Answers carry `code`, 0 when done.' },
  { name: 'keymint-v1', description: 'B. KeyMint, first version. Names in answers are snake_case.' },
  { name: 'authtool', description: 'C. AuthTool. Packages are products, by their number.' },
  {
    name: 'authtool-client',
    description:
      "C. AuthTool's client API, for apps in use. Off unless a product has it switched on; it proves nothing.",
  },
  { name: 'keyslot', description: "D. keyslot's own routes." },
]

const COMPONENTS = {
  parameters: {
    LicenseKey: {
      name: LICENSE_KEY_HEADER,
      in: 'header',
      required: false,
      description:
        "The license key, as KeyMint's clients send it since September 2026, instead of the one in the query.",
      schema: { type: 'string', minLength: 1 },
    },
    Wire: {
      name: WIRE_HEADER,
      in: 'header',
      required: false,
      description:
        "The form of KeyMint's answers to give: that of September 2026 or the one before. Default: what is set of the access token, " +
        'else of the server, else what the token has shown: the newer one where it has asked `GET /key` with header ' +
        '`x-license-key` within a day, and not with the license key in the query as well.',
      schema: { type: 'string', enum: KEYMINT_WIRES },
    },
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Names this request, bare or quoted, so that sending it again is safe: for 24 hours the same payload is given the ' +
        'first answer again.',
      schema: { type: 'string', minLength: 1, maxLength: 257 },
    },
    Proof: {
      name: 'DPoP',
      in: 'header',
      required: false,
      description:
        'Proves that the host holds a key of its own (RFC 9449): a compact JWS made for this request alone. Its header is ' +
        '`{"typ": "dpop+jwt", "alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": …}}`; its claims are `jti` (at ' +
        'least 96 random bits as base64url), `htm` (the method), `htu` (the URL without query and fragment), `iat` (Unix ' +
        'seconds), `ath` (base64url of the SHA-256 of the access token) and, once the server has answered with ' +
        '`DPoP-Nonce`, that as `nonce`.',
      schema: { type: 'string', maxLength: 4096, pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$' },
    },
    Nonce: {
      name: NONCE_HEADER,
      in: 'header',
      required: false,
      description:
        'Random, another for each try. A no that counts then carries it, signed, in header `Keyslot-Answer`, and a license ' +
        "token in its claim `nonce`, so that neither is an older answer or somebody else's. One of another form is ignored. Where a proxy takes the header " +
        'out, field `keyslotNonce` of the JSON body counts; it is no part of what an `Idempotency-Key` repeats.',
      schema: { type: 'string', pattern: '^[\\w-]{16,64}$' },
    },
    Recovery: {
      name: 'Keyslot-Recovery',
      in: 'header',
      required: false,
      description:
        'A second proof beside `DPoP`, by a key that the host can derive anew when it has lost the other; with claim `jkt`, the ' +
        'JWK thumbprint (RFC 7638) of the key in `DPoP`. It is bound beside that key. Shown again with another key in `DPoP`, ' +
        'that key takes the place of the lost one, with its rank, and counts as no further user.',
      schema: { type: 'string', maxLength: 4096, pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$' },
    },
  },
  headers: {
    SignedAnswer: {
      description:
        'Where the request had a `Keyslot-Nonce`: a compact JWS that says for which request this no is; see ' +
        'SignedAnswerClaims. Not on what a later try may mend (429, 5xx, a request that is still being answered), nor on ' +
        'what is refused before the access token, the proof and the shape of the request have passed.',
      schema: {
        type: 'string',
        pattern: COMPACT_JWS.source,
        contentMediaType: 'application/jwt',
        contentSchema: { $ref: '#/components/schemas/SignedAnswerClaims' },
      },
    },
    IdempotentReplayed: {
      description: '`true` where the answer is that of an earlier request with this `Idempotency-Key`.',
      schema: { type: 'string', const: 'true' },
    },
    KeyslotError: {
      description: 'The code of the error, the same in every family.',
      schema: { type: 'string', pattern: '^[A-Z_]+$' },
    },
    RetryAfter: {
      description: 'After how many seconds to try again.',
      schema: { type: 'string', pattern: '^\\d+$' },
    },
    ProofChallenge: {
      description:
        'Why a proof of possession was not taken: `DPoP error="invalid_dpop_proof"`, or `DPoP error="use_dpop_nonce"` where ' +
        'one with the `nonce` of header `DPoP-Nonce` would be.',
      schema: { type: 'string' },
    },
    ProofNonce: {
      description: 'What the next proof of possession is to carry as `nonce`; good for five to ten minutes.',
      schema: { type: 'string', pattern: '^[\\w-]{32}$' },
    },
  },
  securitySchemes: {
    accessToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'An access token, secret (`at_…`) or publishable (`pk_…`).',
    },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same access tokens.' },
  },
}

/** Describes the routes of these endpoints, in the order of the table of routes. */
export function buildDocument(endpoints: readonly DescribedEndpoint[]): OpenApiDocument {
  const byRoute = new Map<RouteDefinition, DescribedEndpoint>(endpoints.map((endpoint) => [endpoint.route, endpoint]))
  const schemas = namedSchemas()
  const examples = createSharedExamples()
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, RouteDefinition][]) {
    const endpoint = byRoute.get(route)
    if (endpoint === undefined) continue
    const operation = describeOperation(name, endpoint, API[name], { schemas, examples })
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'keyslot', version: '1', description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    tags: TAGS,
    paths,
    components: { ...COMPONENTS, examples: examples.all(), schemas: usedSchemas({ paths, ...COMPONENTS }, schemas) },
  }
}

/** The named schemas that the rest of the document refers to, directly or through others, sorted by name. */
function usedSchemas(rest: object, schemas: NamedSchemas): NamedSchemas {
  const used = new Set<string>()
  const visit = (part: object) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      const schema = schemas[name]
      if (schema === undefined || used.has(name)) continue
      used.add(name)
      visit(schema)
    }
  }
  visit(rest)
  return Object.fromEntries([...used].sort().map((name) => [name, schemas[name] ?? {}]))
}
