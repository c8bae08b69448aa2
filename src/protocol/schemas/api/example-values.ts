/**
 * The values in the examples of the API description. Each stands for a value of the reader's own store, and a test can put
 * another in its place. Together the values tell one story, and their signatures verify.
 */
export const EXAMPLE = {
  productId: 'prod_q3XvT0mZ8kYc1Wn5RbLd2A',
  packageId: 1001,
  licenseKey: 'T8XTR-AI21B-2990H-85SB5',
  authtoolKey: 'KEY-7QK2-M0ZX-P4RD-9TWC-1BHN',
  trialKey: 'TRIAL-4Q7ZK-9M2XD-W3T8B-HJ5RC',
  licenseId: 'lic_Wm2Zr8Qx4TnJc6Vb0KsY5g',
  hostId: 'h1.R0CuY0ewFywBJU_1W65a_1GZ9ERuf21kPUAYWz9HUUU',
  device: 'act_Xr7Nq2Ty9Bv4Wm1Ks6Dz3g',
  customerId: 'cust_b8Hq2LwE5nRt7YzXc1VmKg',
  accessTokenId: 'tok_P0dFh3JkLs9Qa6WzXe2RcA',
  versionId: 'ver_Dk4Gs7Ty1UvWx8Yz0AbCeQ',
  sessionId: 'Idb0DPtRGYLkQk4OJQqVVw',
  sessionSecret: 'rdk1NO60Y4AP4O0JRgSNM2Nt0qAU-rkuijf3fOmMdAs',
  nonce: 'yCVh7CFabjGAfO7fOzvSXg',
  nextNonce: 'prvJGuc90hwFM_c1Rwqc0A',
  /** HMAC-SHA256 of `sessionId:nonce` under `sessionSecret`, in hex. */
  sessionSignature: '7167f12eab9ff69ba21f0fdab9222e85c11fa62c63465d404ede5e4f10dc0cdb',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  now: '2026-06-15T12:00:00.000Z',
  later: '2026-06-15T12:15:00.000Z',
  monthLater: '2026-07-15T12:00:00.000Z',
  expiryDate: '2035-01-31T23:59:59.000Z',
} as const

const KID = '_zTyxFD_TMgjwvn-4NWbDn_8-vIoW9DIuImBb_eamoE'

/** The public half of the key that signed the license token and the revocation list below. */
export const EXAMPLE_JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: 'wGBjqDEo_UPuD99PAnyGxR7-lLLHC6ptBLpC5yGwliU',
  kid: KID,
  alg: 'EdDSA',
  use: 'sig',
} as const

/** The license token of the license key above on the host above. */
export const EXAMPLE_LICENSE_TOKEN =
  'eyJhbGciOiJFZERTQSIsImtpZCI6Il96VHl4RkRfVE1nand2bi00TldiRG5fOC12SW9XOURJdUltQmJfZWFtb0UiLCJ0eXAiOiJKV1QifQ.' +
  'eyJpc3MiOiJrZXlzbG90IiwiYXVkIjoicHJvZF9xM1h2VDBtWjhrWWMxV241UmJMZDJBIiwicHJvZHVjdElkIjoicHJvZF9xM1h2' +
  'VDBtWjhrWWMxV241UmJMZDJBIiwic3ViIjoiVDhYVFItQUkyMUItMjk5MEgtODVTQjUiLCJrZXkiOiJUOFhUUi1BSTIxQi0yOTkw' +
  'SC04NVNCNSIsIm1hY2hpbmUiOiJoMS5SMEN1WTBld0Z5d0JKVV8xVzY1YV8xR1o5RVJ1ZjIxa1BVQVlXejlIVVVVIiwidHlwZSI6' +
  'Im9mZmxpbmUiLCJqdGkiOiJsdF91TjdzNFBxRTlnSGo2VmFYbzBrTTN3LjAiLCJpYXQiOjE3ODE1MjQ4MDAsIm5iZiI6MTc4MTUy' +
  'NDgwMCwiZXhwIjoxNzgyNzM0NDAwLCJsaWNlbnNlIjp7ImV4cGlyZXNBdCI6IjIwMzUtMDEtMzFUMjM6NTk6NTkuMDAwWiIsImVu' +
  'dGl0bGVtZW50cyI6WyJleHBvcnQiXSwibWV0YWRhdGEiOnsib3JkZXIiOiJBLTEwMDEifSwiY3VzdG9tZXJOYW1lIjoiQWRhIExv' +
  'dmVsYWNlIiwicmVmcmVzaEFmdGVyIjoxNzgyMTI5NjAwLCJncmFjZVNlY29uZHMiOjI1OTIwMH19' +
  '.WeoNANw1TFp5v6_gaBu8g8gJxFcFqEWQcelTdoZuS9o2ay2eQqrXMd-fQLer8iIZV6ayidACYM487zngblHQDg'

/** A revocation list with that token's `jti`. */
export const EXAMPLE_REVOCATION_LIST =
  'eyJhbGciOiJFZERTQSIsImtpZCI6Il96VHl4RkRfVE1nand2bi00TldiRG5fOC12SW9XOURJdUltQmJfZWFtb0UiLCJ0eXAiOiJrZXlzbG90LXJldm9jYXRpb25zK2p3dCJ9.' +
  'eyJpc3MiOiJrZXlzbG90IiwiaWF0IjoxNzgxNTI0ODAwLCJ2ZXJzaW9uIjozLCJyZXZva2VkIjpbImx0X3VON3M0UHFFOWdIajZW' +
  'YVhvMGtNM3cuMCJdfQ' +
  '.JqnNBGGsRmexO47dEpOZwaboVV0dSNhyTElP309u6owdTLxn9Lt6jeLnE0CfWuIR5qOcdxMg097fU9zNuoNlBA'

export const EXAMPLE_LICENSE_FILE = {
  licenseToken: EXAMPLE_LICENSE_TOKEN,
  signedKey: EXAMPLE.licenseKey,
  signedDate: EXAMPLE.now,
  keyId: KID,
  publicKeyFingerprint: 'ff34f2c450ff4cc823c2f9fee0d59b0e7ffcfaf2285bd0c8b889816ff79a9a81',
}
