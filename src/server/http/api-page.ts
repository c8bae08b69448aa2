import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LicenseError } from '../../protocol/license-error'
import { API_PAGE_FILES } from '../../protocol/schemas/api/page-files'
import { peerFailure } from '../../storage/missing-peer'
import { type Answer, Bytes } from './answer'
import { tagOf, unlessKnown } from './conditional'
import { type EndpointDependencies, openEndpoint, type ServedEndpoint } from './endpoint'
import type { HttpRequest } from './http-request'

const MAX_AGE_SECONDS = 3600

/** Nothing but the page's own files, no inline script or style, and no page around it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What is sent, and the tag that names it. */
interface Content {
  readonly bytes: Bytes
  readonly tag: string
}

function toContent(content: string | Buffer): Content {
  return { bytes: new Bytes([Buffer.from(content)]), tag: tagOf(content) }
}

/** The page that shows the API description, made of the files of swagger-ui-dist, which only it needs. */
export function apiPageEndpoints(
  logError: EndpointDependencies['logError'],
  locate: () => Promise<string> = locateSwaggerUi,
): readonly ServedEndpoint[] {
  const kept = new Map<string, Promise<Content>>()

  /** A file, read once. A failure is not kept: the package may be installed meanwhile. */
  function read(file: string): Promise<Content> {
    const content = kept.get(file) ?? locate().then(async (folder) => toContent(await readFile(join(folder, file))))
    kept.set(file, content)
    content.catch(() => kept.delete(file))
    return content
  }

  return [
    openEndpoint('apiPage', logError, async (request) => {
      await locate()
      return toFile(request, 'text/html', toContent(toHtml(request)), {
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      })
    }),
    openEndpoint('apiPageFile', logError, async (request, { file }) => {
      if (!isPageFile(file)) throw new LicenseError('FILE_UNREADABLE', 'The API page has no such file')
      return toFile(request, API_PAGE_FILES[file], file === 'page.js' ? PAGE_SCRIPT : await read(file))
    }),
  ]
}

/**
 * The folder of Swagger UI's files.
 * @throws {LicenseError} PEER_MISSING when it is not installed
 */
async function locateSwaggerUi(): Promise<string> {
  try {
    return (await import('swagger-ui-dist/absolute-path.js')).default()
  } catch (cause) {
    throw peerFailure(cause, 'swagger-ui-dist', 'The API page needs swagger-ui-dist: npm install swagger-ui-dist')
  }
}

function isPageFile(file: unknown): file is keyof typeof API_PAGE_FILES {
  return typeof file === 'string' && Object.hasOwn(API_PAGE_FILES, file)
}

/** Where the page is asked for with a slash at its end, its files are beside it, else below it. */
function toHtml({ path }: HttpRequest): string {
  const folder = path.endsWith('/') ? '' : 'docs/'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>keyslot API</title>
<link rel="icon" type="image/png" href="${folder}favicon-32x32.png">
<link rel="stylesheet" href="${folder}swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="${folder}swagger-ui-bundle.js"></script>
<script src="${folder}page.js"></script>
</body>
</html>
`
}

/** Starts Swagger UI on the document two steps up from this script. No validator is asked: it would be another server. */
const PAGE_SCRIPT = toContent(`SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
})
`)

function toFile(
  request: HttpRequest,
  mediaType: string,
  { bytes, tag }: Content,
  headers: Record<string, string> = {},
): Answer {
  return unlessKnown(request, tag, {
    body: bytes,
    headers: {
      'Content-Type': mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
      'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
  })
}
