import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Request, Response } from 'express'
import { LicenseError } from '../../protocol/license-error'
import { ROUTES } from '../../protocol/routes'
import { API_PAGE_FILES } from '../../protocol/schemas/api/page-files'
import { sendAnswer } from './answer'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './order-of-checks'

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

const MISSING_FILE = { message: 'The API page has no such file', code: 1 }

/** The page that shows the API description, made of the files of swagger-ui-dist, which only it needs. */
export function apiPageEndpoints(
  logError: EndpointDependencies['logError'],
  locate: () => Promise<string> = locateSwaggerUi,
): readonly ServedEndpoint[] {
  const kept = new Map<string, Promise<Buffer>>()

  /** A file's bytes, read once. A failure is not kept: the package may be installed meanwhile. */
  function read(file: string): Promise<Buffer> {
    const bytes = kept.get(file) ?? locate().then((folder) => readFile(join(folder, file)))
    kept.set(file, bytes)
    bytes.catch(() => kept.delete(file))
    return bytes
  }

  function page(route: ServedEndpoint['route'], answer: (req: Request, res: Response) => Promise<void>) {
    return {
      route,
      async serve(req: Request, res: Response) {
        try {
          await answer(req, res)
        } catch (error) {
          sendAnswer(res, toErrorAnswer({ route }, error, logError))
        }
      },
    }
  }

  return [
    page(ROUTES.apiPage, async (req, res) => {
      await locate()
      sendFile(res, 'text/html', toHtml(req), { 'Content-Security-Policy': CONTENT_SECURITY_POLICY })
    }),
    page(ROUTES.apiPageFile, async (req, res) => {
      const { file } = req.params
      if (!isPageFile(file)) sendAnswer(res, { status: 404, body: MISSING_FILE })
      else sendFile(res, API_PAGE_FILES[file], file === 'page.js' ? PAGE_SCRIPT : await read(file))
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
    throw new LicenseError('PEER_MISSING', 'The API page needs swagger-ui-dist: npm install swagger-ui-dist', { cause })
  }
}

function isPageFile(file: unknown): file is keyof typeof API_PAGE_FILES {
  return typeof file === 'string' && Object.hasOwn(API_PAGE_FILES, file)
}

/** Where the page is asked for with a slash at its end, its files are beside it, else below it. */
function toHtml(req: Request): string {
  const folder = req.originalUrl.split('?', 1)[0]?.endsWith('/') ? '' : 'docs/'
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
const PAGE_SCRIPT = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
})
`

function sendFile(res: Response, mediaType: string, content: string | Buffer, headers: Record<string, string> = {}) {
  if (res.headersSent) return
  res.writeHead(200, {
    'Content-Type': mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  res.end(content)
}
