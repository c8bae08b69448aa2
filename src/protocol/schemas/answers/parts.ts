import * as z from 'zod'

/** The answer schemas that the API description names and refers to, by their names. */
export const answerComponents = z.registry<{ id: string }>()

/** Success in families A, B and D. */
export const code = z.literal(0).describe('0: done.')

/** An instant as answers carry it. */
export const instant = z
  .string()
  .regex(/^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({
    format: 'date-time',
    description: 'ISO 8601 with milliseconds and `Z`. Years beyond 9999 are written with a sign and six digits.',
  })
  .register(answerComponents, { id: 'Instant' })

export const expiry = instant.nullable()

/** Ids in answers: opaque. */
export const id = z.string().min(22).describe('Opaque.')

export const key = z.string().min(1).max(256).describe('The license key.')

export const metadata = z
  .record(z.string(), z.unknown())
  .nullable()
  .describe('The JSON object the vendor attached to the license; null where there is none.')

export const allowedHosts = z
  .array(z.string())
  .nullable()
  .describe('The hosts that may use the license; null: any host may.')

export const versionId = id
  .nullable()
  .describe('The product version the license is tied to; null where it is tied to none.')

/** KeyMint's typed SDKs need a number. */
export const maxActivations = z.int().min(0).describe('Activation limit; 0 stands for unlimited.')

export const activations = z.int().min(0).describe('Activation slots taken; always exact.')

export const activated = z.boolean().describe('False while the license is blocked.')

/** A compact JWS (RFC 7515 §3.1). */
export const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/
