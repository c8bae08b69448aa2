import type { FetchAnswer, FetchInit } from '../fetch'
import { answerOn } from './answer-on'
import type { JudgedAt } from './dated-certificate'
import { secure } from './secure'

/**
 * Fetches in TLS of our own, which trusts the system's certificates, too.
 * @throws an error with `issuer`, who issued a certificate that nothing here trusts
 */
export async function fetchSecured(url: URL, init: FetchInit, judgedAt?: JudgedAt): Promise<FetchAnswer> {
  const connection = await secure(url, { port: Number(url.port || 443) }, init.signal, judgedAt)
  try {
    return await answerOn(connection, url, init)
  } finally {
    connection.destroy()
  }
}
