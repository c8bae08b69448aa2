import {
  healthy,
  jwkSet,
  openapiDocument,
  page,
  revocationList,
  signedTime,
  unhealthy,
  validation,
} from '../answers/keyslot'
import { REQUESTS } from '../requests'
import { describePath, describeRoute, type RouteDescription } from './describe-route'
import { EXAMPLE, EXAMPLE_JWK, EXAMPLE_LICENSE_TOKEN, EXAMPLE_REVOCATION_LIST } from './example-values'
import { API_PAGE_FILES } from './page-files'

const { productId, licenseKey, hostId } = EXAMPLE

const REVOCATION_LIST =
  'What is revoked while license tokens of it are still live: hosts that were freed, and licenses that were reset, blocked ' +
  'or deleted. A client fetches it, or gets it as a file.'

/** Family D: keyslot's own routes. */
export const keyslotApi = {
  validateKey: describeRoute('validateKey', {
    summary: 'Ask whether a license serves on a host',
    description:
      'Answers 200 for every license that exists, and never takes a slot. Where the license serves, the answer carries a ' +
      'fresh license token. A host that is bound to a key shows it in header `DPoP`, unless the token is a secret one.',
    answer: { schema: validation, description: 'Whether it serves.' },
    refusals: ['LICENSE_NOT_FOUND', 'HOST_USERS_EXCEEDED', 'HOST_CLONED'],
    examples: {
      plain: {
        summary: 'A host the license is active on',
        request: { productId, licenseKey, hostId },
        answer: { code: 0, valid: true, licenseToken: EXAMPLE_LICENSE_TOKEN },
      },
      other: {
        summary: 'Another host',
        request: { productId, licenseKey, hostId: 'another-host' },
        answer: { code: 0, valid: false, reason: 'not-activated' },
      },
    },
  }),
  jwks: describePath({
    summary: 'The public signing keys',
    description:
      'Current and retired keys that are still trusted, for whoever verifies license tokens; and statements signed with ' +
      'them, by which a verifier that pins one learns of the others and of revoked ones. A key that is only listed is no ' +
      'reason to trust it. Five minutes fresh.',
    answer: { schema: jwkSet, description: 'A JWK set (RFC 7517 §5).' },
    example: { keys: [EXAMPLE_JWK] },
  }),
  productRevocations: {
    summary: 'The revocation list of a product',
    description: REVOCATION_LIST,
    pathParameters: { productId: { description: 'The product.', example: productId } },
    answer: {
      status: 200,
      schema: revocationList,
      description: 'A compact JWS (RFC 7515 §3.1).',
      mediaTypes: ['application/jose'],
    },
    refusals: ['PRODUCT_NOT_FOUND', 'STORAGE_UNAVAILABLE', 'SERVER_ERROR'],
    examples: { plain: { summary: 'A list of one', answer: EXAMPLE_REVOCATION_LIST } },
  },
  time: {
    summary: "The server's time, signed",
    description:
      'For whoever must know the time and trusts no clock. The signed text carries the nonce that was sent, so that it is no ' +
      'older one.',
    request: REQUESTS.time,
    answer: {
      status: 200,
      schema: signedTime,
      description: 'A compact JWS (RFC 7515 §3.1).',
      mediaTypes: ['application/jose'],
    },
    refusals: ['MISSING_PARAMS', 'INVALID_REQUEST', 'SERVER_ERROR'],
    examples: { plain: { summary: 'A time', request: { nonce: EXAMPLE.nonce } } },
  },
  revocations: {
    summary: 'The revocation list of all products',
    description: REVOCATION_LIST,
    answer: {
      status: 200,
      schema: revocationList,
      description: 'A compact JWS (RFC 7515 §3.1).',
      mediaTypes: ['application/jose'],
    },
    refusals: ['STORAGE_UNAVAILABLE', 'SERVER_ERROR'],
    examples: { plain: { summary: 'A list of one', answer: EXAMPLE_REVOCATION_LIST } },
  },
  openapi: describePath({
    summary: 'This document',
    description: 'Every route of this server, generated from the schemas that validate its requests.',
    answer: { schema: openapiDocument, description: 'An OpenAPI 3.1 document.' },
    example: { openapi: '3.1.1', info: { title: 'keyslot', version: '1' }, paths: {} },
  }),
  apiPage: {
    summary: 'This document, to read in a browser',
    description: 'Shows this document with Swagger UI. Nothing is loaded from another server.',
    answer: { status: 200, schema: page, description: 'The page.', mediaTypes: ['text/html'] },
    refusals: ['PEER_MISSING'],
    examples: { plain: { summary: 'The page' } },
  },
  apiPageFile: {
    summary: 'A file of the page',
    description: 'The script and style sheet the page is made of.',
    pathParameters: {
      file: { description: 'Its name.', example: 'page.js', values: Object.keys(API_PAGE_FILES) },
    },
    answer: {
      status: 200,
      schema: page,
      description: 'The file.',
      mediaTypes: [...new Set(Object.values(API_PAGE_FILES))],
    },
    refusals: ['FILE_UNREADABLE', 'PEER_MISSING'],
    examples: { plain: { summary: 'The script that starts the page' } },
  },
  healthz: describePath({
    summary: 'Whether the server works',
    description: 'For load balancers and monitors: whether storage answers, and nothing else.',
    answer: { schema: healthy, description: 'Storage answers.' },
    otherAnswers: [
      {
        status: 503,
        schema: unhealthy,
        description: 'Storage does not answer.',
        example: { status: 'unavailable' },
      },
    ],
    example: { status: 'ok' },
  }),
} satisfies Record<string, RouteDescription>
