/** The header `Keyslot-Error` of each refusal, by its message in families A and D. */
const CODES: Readonly<Record<string, string>> = {
  'Invalid access token': 'INVALID_ACCESS_TOKEN',
  'Invalid proof of possession': 'PROOF_INVALID',
  'Invalid session signature': 'INVALID_SESSION_SIGNATURE',
  'License not activated': 'LICENSE_BLOCKED',
  'License expired': 'LICENSE_EXPIRED',
  'Activation limit reached': 'ACTIVATION_LIMIT_REACHED',
  'Wrong license type': 'WRONG_LICENSE_TYPE',
  'Proof of possession required': 'PROOF_REQUIRED',
  'Invalid license key': 'LICENSE_NOT_FOUND',
  'Activation revoked': 'ACTIVATION_REVOKED',
  'Device not found': 'ACTIVATION_NOT_FOUND',
  'Session not found': 'SESSION_NOT_FOUND',
}

/** What our server adds to a refusal; nothing where the message is none of its own. */
export function refusalHeaders({ message = '' }: { readonly message?: string }): Record<string, string> {
  const code = CODES[message]
  return code === undefined ? {} : { 'keyslot-error': code }
}
