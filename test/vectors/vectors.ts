import { signedAnswers, signedLeases } from './answers'
import { ISSUER } from './claims'
import { shownKeys } from './keys'
import { licenseFiles } from './license-files'
import { licenseTokens } from './license-tokens'
import { revocationIds, revocationLists } from './revocation-lists'
import { bridges, keyStatements, moved } from './statements'
import { keymintWebhooks, standardWebhooks } from './webhooks'

/** What `vectors.json` holds; docs/verify.md describes it. */
export function allVectors() {
  return {
    about:
      'Test vectors of keyslot, for verifiers in any language: docs/verify.md. Everybody can make the private parts of these keys: never trust one.',
    issuer: ISSUER,
    keys: shownKeys(),
    licenseTokens: licenseTokens(),
    licenseFiles: licenseFiles(),
    revocationIds: revocationIds(),
    revocationLists: revocationLists(),
    keyStatements: keyStatements(),
    moved: moved(),
    bridges: bridges(),
    signedAnswers: signedAnswers(),
    signedLeases: signedLeases(),
    keymintWebhooks: keymintWebhooks(),
    standardWebhooks: standardWebhooks(),
  }
}
