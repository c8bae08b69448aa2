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
  user: 'q3Xv-T0mZ8kY',
  otherUser: 'c1Wn5RbL_d2A',
  key: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  otherKey: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s',
  customerId: 'cust_b8Hq2LwE5nRt7YzXc1VmKg',
  accessTokenId: 'tok_P0dFh3JkLs9Qa6WzXe2RcA',
  versionId: 'ver_Dk4Gs7Ty1UvWx8Yz0AbCeQ',
  sessionId: 'Idb0DPtRGYLkQk4OJQqVVw',
  sessionSecret: 'rdk1NO60Y4AP4O0JRgSNM2Nt0qAU-rkuijf3fOmMdAs',
  nonce: 'yCVh7CFabjGAfO7fOzvSXg',
  nextNonce: 'prvJGuc90hwFM_c1Rwqc0A',
  /** HMAC-SHA256 of `sessionId:nonce` under `sessionSecret`, in hex. */
  sessionSignature: '7167f12eab9ff69ba21f0fdab9222e85c11fa62c63465d404ede5e4f10dc0cdb',
  packageToken: 'pkg_5tG8kQ2wZ7nXc4Vb',
  /** What the five texts that follow are encrypted with, in GCM. */
  aesKey: 'k3yOfTheExamplePackage-32-chars!',
  sealedDevice:
    'GKw+c0PwFokMUQ6T1ZpaACkVxSazMWxWNPBBLuw9BS9xxz0Dt7rBbZGuLpiOv0vopJup/kWV/iBpRsx1Ibhyixz06e/+IcSkYmbWASLKqpEdaZ' +
    'i+23qfKZEAWZXTc0OP02CBTebc25xxvOR+dYmZzqJHwB6AlmRXi066R7b+tKeHjra+Exi32QCbH7oaxBW4lkTYYJn42NcnOApI0obc',
  sealedLogin:
    'rKyGwOYJypBvYysOsUe99LmMy4zEHc4srbDz6wtj9+QQF0brTn7YqYR5HMH8TLKBEgwD0ApYAhOSxeScB85EVP8kyRxhj/9FtI9eSVEoQhytlG' +
    'CKqhfq+fBZyXkeNmJ1pV0B/0RYYdD9Zx6ZUXBCPguSMhuuVJaM1lKASLmN0HYCY4/Cds9sh1LLSmCJzQ6ozzQt7db9N1r2fSXXJb/Y8Ax+98uS' +
    'IRjFO8mhGd/sNK0eimgxqocSlxBsGzde4dx2VxaFIw==',
  sealedPackage:
    'FI3pxaekTRnlbNmu21HhRzlPl4nkMjL9L+WqxA9Ag40ESd7Vr1XuF000kW94+kBmveNHVCWXpfR6olwLmSb9ikkD5zbE25l03oojEBXkvSIFNw' +
    'pDbn/C6Q20/4mv0iafrfSXykGnx6cxrF/sJ/ZSTt57jPR4RXnGubQvRkUC7C/yc7CJWWfJvrTU5s6cII3mY8qwPtTQQrlC03Q3ZA2OPzxKPO6J' +
    'PzgnNPM/XvitaDH8On4qRZ5PA5hJ4Vt+4i1v/FuUtsbZ/5Q76SskUxBT2PCiNQEBqZhLqenODRIEWOH9/DqmqyJ00rYzmrc7cag=',
  sealedStanding:
    'BDpxh3TFcr2KJa2+rrc2D5QXzd0bbzpksqe7X/W/n2MeZsHi84Vq5ywfeuvEWypKJIaFkn+6ho0UG90M433o3Fm82Oq5iSK+fPo+0C6Vio76WH' +
    '4MLsPv8IIAIy1fGSPVjO6gHnkayWT7OrcI/88Q92et0/04tPJ+S604tULiC4sDDXzBCP3fOgyuDbMtp4VkMSWwU/XaWdVFBguqW/Bd',
  sealedWelcome:
    'UOch5JwBPwDGLPWfzzHtzuEddwsBxhIFGm4HfsFUsqppBqmmbKV4G0NjQvQpe1jBU7W1KJMHv650MquqO48Bej7gIhNoIYFTqcqXSBuGT+mio+' +
    '5uMuxzHzF5LXMLza1zQDhr6gUq4QjuucM/kUSkk8YEyOd5XI1IZ31FST5iVDAnZ0JQatUbi2vdDnSI4tp3EGIOBiN9q873c0vNsj/MPTD6Jj9l' +
    'Td2likQ=',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  now: '2026-06-15T12:00:00.000Z',
  later: '2026-06-15T12:15:00.000Z',
  monthLater: '2026-07-15T12:00:00.000Z',
  expiryDate: '2035-01-31T23:59:59.000Z',
} as const

const KID = '1wk0u-4nLDZwf9nSzwWO_k11Vxr3SrloJvRilqoNQAg'

/** The public half of the key that signed the license token and the revocation list below. */
export const EXAMPLE_JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: 'qkr1nMcUpmU4USvz2ODG6NrzeU3zJoYmezVJDw9K9m4',
  kid: KID,
  alg: 'EdDSA',
  use: 'sig',
} as const

/** The license token of the license key above on the host above. */
export const EXAMPLE_LICENSE_TOKEN =
  'eyJhbGciOiJFZERTQSIsImtpZCI6IjF3azB1LTRuTERad2Y5blN6d1dPX2sxMVZ4cjNTcmxvSnZSaWxxb05RQWciLCJ0eXAiOiJKV1QifQ.' +
  'eyJpc3MiOiJrZXlzbG90IiwiYXVkIjoicHJvZF9xM1h2VDBtWjhrWWMxV241UmJMZDJBIiwicHJvZHVjdElkIjoicHJvZF9xM1h2' +
  'VDBtWjhrWWMxV241UmJMZDJBIiwic3ViIjoiVDhYVFItQUkyMUItMjk5MEgtODVTQjUiLCJrZXkiOiJUOFhUUi1BSTIxQi0yOTkw' +
  'SC04NVNCNSIsIm1hY2hpbmUiOiJoMS5SMEN1WTBld0Z5d0JKVV8xVzY1YV8xR1o5RVJ1ZjIxa1BVQVlXejlIVVVVIiwidHlwZSI6' +
  'Im9mZmxpbmUiLCJqdGkiOiJsdF91TjdzNFBxRTlnSGo2VmFYbzBrTTN3LjAiLCJsaWQiOiJsaWNfV20yWnI4UXg0VG5KYzZWYjBL' +
  'c1k1ZyIsInN0YW1wIjoxNzgxNTI0ODAwMDAwLCJpYXQiOjE3ODE1MjQ4MDAsIm5iZiI6MTc4MTUyNDgwMCwiZXhwIjoxNzgyNzM0' +
  'NDAwLCJsaWNlbnNlIjp7ImV4cGlyZXNBdCI6IjIwMzUtMDEtMzFUMjM6NTk6NTkuMDAwWiIsImVudGl0bGVtZW50cyI6WyJleHBv' +
  'cnQiXSwibWV0YWRhdGEiOnsib3JkZXIiOiJBLTEwMDEifSwiY3VzdG9tZXJOYW1lIjoiQWRhIExvdmVsYWNlIiwicmVmcmVzaEFm' +
  'dGVyIjoxNzgyMTI5NjAwLCJncmFjZVNlY29uZHMiOjI1OTIwMH19' +
  '.iN1TZ2wpgEa8MuuKe6i9MxoJe_LkxIsOS07SiY2Uc59EjZTc0wuI30GsAlyaQ8j1nzaSPeAmjkKXTAx146LQCw'

/** A revocation list with an entry for the activation of that token. */
export const EXAMPLE_REVOCATION_LIST =
  'eyJhbGciOiJFZERTQSIsImtpZCI6IjF3azB1LTRuTERad2Y5blN6d1dPX2sxMVZ4cjNTcmxvSnZSaWxxb05RQWciLCJ0eXAiOiJrZXlzbG90LXJldm9jYXRpb25zK2p3dCJ9.' +
  'eyJpc3MiOiJrZXlzbG90IiwiaWF0IjoxNzgxNTI0ODAwLCJwcm9kdWN0IjoicHJvZF9xM1h2VDBtWjhrWWMxV241UmJMZDJBIiwi' +
  'ZW50cmllcyI6W1sic1I5dE5IdlI5Z1l4UDFyYiIsMTc4MTUyNDgwMDAwMCwxNzgyOTk0MjAwXV19' +
  '.QOjvvJapkqcUz6RxqgxCzBJ0vG92Y3sANNwLA7dBWwSDSQNynT7yHjrE1N7l9o8qp8oN0WlcpudJ_1_1Yf-iCQ'

export const EXAMPLE_LICENSE_FILE = {
  licenseToken: EXAMPLE_LICENSE_TOKEN,
  signedKey: EXAMPLE.licenseKey,
  signedDate: EXAMPLE.now,
  keyId: KID,
  publicKeyFingerprint: 'd70934bbee272c36707fd9d2cf058efe4d75571af74ab96826f46296aa0d4008',
}
