import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler, Router } from 'express'
import { LicenseError } from '../protocol/license-error'

/** What we use of Express, of whichever version the host app has. */
export interface ExpressModule {
  Router(): Router
  json(options: {
    limit: number
    strict: boolean
    type: () => boolean
    verify: (req: IncomingMessage, res: ServerResponse, bytes: Buffer) => void
  }): RequestHandler
}

/**
 * Loads the host app's Express, 5 or 4.
 * @throws {LicenseError} PEER_MISSING when it has none
 */
export async function loadExpress(): Promise<ExpressModule> {
  try {
    return (await import('express')).default
  } catch (cause) {
    throw new LicenseError('PEER_MISSING', 'keyslot/server needs express: npm install express', { cause })
  }
}
