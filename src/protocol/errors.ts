// This file is longer than other files, since it is one table.
import type { RouteName, WireFamily } from './routes'

/**
 * How an error is told: HTTP status, wire code, and the message where it is fixed; else the error's own is sent. A code
 * instead: nobody may learn more than that.
 */
export type Told = readonly [status: number, wireCode: number, message?: string] | 'LICENSE_NOT_FOUND' | 'SERVER_ERROR'

/** Where an error is told: on a route, in a family (`keymint` stands for keyslot's own routes too), or everywhere. */
type Places = { readonly [place in RouteName | WireFamily | 'all']?: Told }

/** What there is to say of an error, besides its code. */
export interface ErrorDefinition {
  /** What has happened. */
  readonly what: string
  /** What it mostly comes from. */
  readonly why: string
  readonly whatToDo: string
  /** An example of its message, where no message is fixed. */
  readonly says?: string
  /** Where it is told as it is; elsewhere it is `SERVER_ERROR`. */
  readonly told?: Places
}

/** Everything that is known of each error, once: what the server answers, and what the documents say. */
export const ERRORS = {
  // The request
  INVALID_REQUEST: {
    what: 'A field is malformed; the body is no JSON object; `Idempotency-Key` is malformed.',
    why: 'Each message begins with the field at fault.',
    whatToDo: 'Mend the request; sent again as it is, it fails again.',
    says: 'Idempotency-Key: must be one header of 1 to 255 printable characters',
    told: { keymint: [400, 1], authtool: [422, 1], 'authtool-client': [400, 1] },
  },
  MISSING_PARAMS: {
    what: 'A required field is missing.',
    why: 'The documents of each route name its fields.',
    whatToDo: 'Send the field.',
    told: { keymint: [400, 1, 'Missing required params'], authtool: [422, 1], 'authtool-client': [400, 1] },
  },
  BODY_TOO_LARGE: {
    what: 'The body is too large.',
    why: 'No request of the protocol comes near the limit, lists of allowed hosts aside.',
    whatToDo: 'Send less; what reads bodies before the router has a limit of its own.',
    says: 'The body is larger than 100000 bytes',
    told: { all: [413, 1] },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    what: 'The body is not JSON in UTF-8.',
    why: 'Another `Content-Type`, `charset` or `Content-Encoding` was sent.',
    whatToDo: 'Send `Content-Type: application/json`.',
    says: 'The body must be application/json in UTF-8',
    told: { all: [415, 1] },
  },
  RATE_LIMITED: {
    what: 'Too many requests.',
    why: 'A limit per address, token, license key or license was reached; see `docs/limits.md`, and `docs/seats.md` for those of a license.',
    whatToDo: 'Try again after the seconds that `Retry-After` says.',
    says: 'Too many requests',
    told: { all: [429, 3] },
  },
  IDEMPOTENCY_IN_FLIGHT: {
    what: 'A request with this `Idempotency-Key` is being answered.',
    why: 'A client stopped waiting and tried again.',
    whatToDo: 'Try again a little later: the answer is kept.',
    says: 'A request with this idempotency key is being answered',
    told: { all: [409, 1] },
  },
  IDEMPOTENCY_MISMATCH: {
    what: 'This `Idempotency-Key` was used with another payload.',
    why: 'Two different requests were given one key.',
    whatToDo: 'Use a fresh key for each new request.',
    says: 'This idempotency key was used for a different request',
    told: { all: [422, 1] },
  },
  // The caller
  MISSING_AUTHORIZATION: {
    what: 'There is no access token.',
    why: 'The header is missing, or a proxy takes it out.',
    whatToDo: 'Send `Authorization: Bearer at_…`, or `X-API-Key` to the routes of AuthTool.',
    told: {
      keymint: [401, 1, 'Missing Authorization header'],
      'keymint-v1': [401, 1, 'Invalid access token'],
      authtool: [401, 1, 'Invalid API key'],
    },
  },
  INVALID_ACCESS_TOKEN: {
    what: 'The access token is unknown, revoked or expired.',
    why: 'It is of another server, or was mistyped or revoked.',
    whatToDo: 'Make a token with `accessTokens.create` or `keyslot token create`, and send that.',
    told: { keymint: [401, 1, 'Invalid access token'], authtool: [401, 1, 'Invalid API key'] },
  },
  INSUFFICIENT_PERMISSIONS: {
    what: 'The access token lacks a scope, may not act on the product, or may not be used from this address.',
    why: 'Publishable tokens may do what apps do, for the products listed with them, and nothing else. A token with a product list may not show or change a license that is for another product too, nor change a customer who has one.',
    whatToDo: 'Use a token with the scope that the route asks for, and with all products of the license on its list.',
    told: { all: [403, 1, 'Insufficient permissions for this operation'] },
  },
  PROOF_INVALID: {
    what: 'The proof in header `DPoP`, or in `Keyslot-Recovery`, is not valid for this request.',
    why: 'It is of another key, URL or token, or was used before.',
    whatToDo: 'Make a proof for each request; the client kit does.',
    told: { all: [401, 1, 'Invalid proof of possession'] },
  },
  PROOF_STALE: {
    what: 'The proof is too old, or carries another `nonce` than the server wants: try again with that.',
    why: "The host's clock is off, or the server asks for a nonce of its own.",
    whatToDo: 'Try again with the nonce in header `DPoP-Nonce`; the client kit does.',
    told: { all: [401, 1, 'Invalid proof of possession'] },
  },
  // What the request names
  LICENSE_NOT_FOUND: {
    what: 'There is no such license key, or its product is unknown, inactive or another.',
    why: 'The key was mistyped or deleted, or is of another product.',
    whatToDo: 'Compare the key with the one that was sold, and `productId` with the product it was sold for.',
    told: { keymint: [404, 1, 'Invalid license key'], authtool: [404, 1, 'Key not found'] },
  },
  LICENSE_FOREIGN: {
    what: 'The key belongs to another account.',
    why: 'The access token is of another account than the license.',
    whatToDo: 'Use a token of the account that sold it.',
    told: {
      keymint: 'LICENSE_NOT_FOUND',
      authtoolReset: [403, 1, "You don't have permission to reset this key"],
      authtoolDetail: [403, 1, "You don't have permission to access this key"],
      authtoolGet: [403, 1, "You don't have permission to access this key"],
      authtoolChangeStatus: [403, 1, "You don't have permission to change this key"],
      authtoolDelete: [403, 1, "You don't have permission to delete this key"],
    },
  },
  ACTIVATION_NOT_FOUND: {
    what: 'The host is not active on this license.',
    why: 'It was never activated, or was freed, moved or reset since.',
    whatToDo: 'Activate it.',
    told: { keymint: [404, 1, 'Device not found'], 'authtool-client': [404, 1, 'Device not found'] },
  },
  ACTIVATION_REVOKED: {
    what: 'This host was given up, replaced or reset, and its license tokens could live on.',
    why: 'Somebody freed, moved, replaced or reset it on purpose.',
    whatToDo: 'Activate it again where that was no mistake.',
    told: { keymint: [403, 2, 'Activation revoked'] },
  },
  PRODUCT_NOT_FOUND: {
    what: 'The product is unknown or inactive.',
    why: 'The id was mistyped, or is of another account.',
    whatToDo: 'See `products.list()`.',
    told: { keymint: 'LICENSE_NOT_FOUND', 'authtool-client': [404, 1, 'Package not found'] },
  },
  PRODUCT_INACTIVE: {
    what: 'The product is inactive.',
    why: 'The vendor has made it so: apps made for AuthTool are told, all others hear that there is no such product.',
    whatToDo: 'Make it active again with `products.update`.',
    told: { 'authtool-client': [403, 1, 'Package stopped'] },
  },
  CUSTOMER_NOT_FOUND: {
    what: 'There is no such customer.',
    why: 'The id was mistyped, or the customer was deleted.',
    whatToDo: 'See `customers.list()`.',
    told: {
      keymint: [404, 1, 'Customer not found'],
      createKey: [400, 1, 'Customer not found'],
      v1CreateKey: [400, 1, 'Customer not found'],
      updateKey: [400, 1, 'Customer not found'],
    },
  },
  CUSTOMER_EMAIL_TAKEN: {
    what: 'A customer of the account has this email already.',
    why: 'Emails are unique in an account, however they are written.',
    whatToDo: 'Use the customer that is there.',
    told: { keymint: [409, 1, 'Customer with this email already exists'] },
  },
  ACCESS_TOKEN_NOT_FOUND: {
    what: 'There is no such access token.',
    why: 'The id was mistyped, or is of another account.',
    whatToDo: 'See `accessTokens.list()`.',
  },
  VERSION_NOT_FOUND: {
    what: 'The product has no such version, or it is inactive.',
    why: 'The id is of another product, or the version was retired.',
    whatToDo: 'See `products.listVersions(productId)`.',
    says: 'The product has no such version',
    told: {
      createKey: [400, 1, 'Version not found'],
      v1CreateKey: [400, 1, 'Version not found'],
      updateKey: [400, 1, 'Version not found'],
    },
  },
  SESSION_NOT_FOUND: {
    what: 'The session is unknown or has lapsed.',
    why: 'Heartbeats stopped for longer than the lease, or somebody gave the seat up.',
    whatToDo: 'Check out again.',
    told: { keymint: [404, 1, 'Session not found'] },
  },
  INVALID_SESSION_SIGNATURE: {
    what: 'The signature is wrong, or its nonce was used before.',
    why: 'Two processes use one session, or an answer was lost on the way.',
    whatToDo: 'Check out again.',
    told: { keymint: [401, 1, 'Invalid session signature'] },
  },
  WEBHOOK_NOT_FOUND: {
    what: 'There is no such webhook.',
    why: 'The id was mistyped, or the webhook was deleted.',
    whatToDo: 'See `webhooks.list()`.',
  },
  INVALID_WEBHOOK_SIGNATURE: {
    what: 'The signature of a webhook is not valid, or it is too old.',
    why: 'The secret is of another endpoint, or something parsed the body before it was verified.',
    whatToDo: 'Verify the raw body with the secret as it was shown.',
  },
  KEY_TAKEN: {
    what: 'There is a license with this key already.',
    why: 'Keys are unique, whatever their case and separators.',
    whatToDo: 'Use another key, or the license that is there.',
  },
  // The license's state
  LICENSE_BLOCKED: {
    what: 'The license is blocked.',
    why: 'The vendor has blocked it.',
    whatToDo: 'Unblock it.',
    told: { keymint: [403, 2, 'License not activated'], 'authtool-client': [400, 2, 'Key is disabled'] },
  },
  LICENSE_EXPIRED: {
    what: "The license, or this host's own activation, has expired.",
    why: 'Its end has passed.',
    whatToDo: 'Renew it: set a later `expiresAt`.',
    told: { keymint: [403, 2, 'License expired'], 'authtool-client': [400, 2, 'Key has expired'] },
  },
  CUSTOMER_INACTIVE: {
    what: "The license's customer is disabled.",
    why: 'The vendor has disabled the customer.',
    whatToDo: 'Enable the customer.',
    told: { keymint: [403, 2, 'Customer not active'], 'authtool-client': [400, 2, 'Key is disabled'] },
  },
  ACTIVATION_LIMIT_REACHED: {
    what: 'Every activation slot or seat is taken.',
    why: 'As many hosts use the license as it allows.',
    whatToDo: 'Free a device, or raise `maxActivations` or `maxConcurrentSessions`.',
    told: { keymint: [403, 2, 'Activation limit reached'], 'authtool-client': [409, 2, 'Device limit reached'] },
  },
  HOST_NOT_ALLOWED: {
    what: 'The license does not admit this host.',
    why: 'It is for the hosts in `allowedHosts` only.',
    whatToDo: 'Add the host to the list.',
    told: { keymint: [403, 2, 'Host not allowed'], 'authtool-client': [403, 2, 'Device not allowed'] },
  },
  WRONG_LICENSE_TYPE: {
    what: 'Floating licenses are checked out, node-locked ones activated.',
    why: 'The call is for the other kind of license.',
    whatToDo: 'Use `checkout()` for floating licenses, `activate()` for the others.',
    told: { keymint: [403, 2, 'Wrong license type'], 'authtool-client': [403, 2, 'Wrong license type'] },
  },
  PROOF_REQUIRED: {
    what: 'The host is bound to keys, or the product asks for one, and none of them was shown.',
    why: 'The key was lost with its folder, or another program acts in the name of this host.',
    whatToDo: 'Activate again: the host gets a further key.',
    told: { all: [403, 2, 'Proof of possession required'] },
  },
  HOST_USERS_EXCEEDED: {
    what: 'As many users of this computer use the license as may.',
    why: 'Each user of a computer, and each new installation that lost its key, counts for 30 days.',
    whatToDo: 'Raise `usersPerHost`, or free the host and let its users activate again.',
    told: { all: [403, 2, 'Too many users of this host'] },
  },
  HOST_CLONED: {
    what: 'Two hosts have renewed one license token, and the product has both activate again.',
    why: 'The computer was cloned, or the data folder of the app is in use in two places.',
    whatToDo: 'Activate again, on one of them.',
    told: { all: [403, 2, 'Host was cloned: activate again'] },
  },
  HOST_KEY_DROPPED: {
    what: 'The vendor has taken the license from this user of the computer.',
    why: '`licenses.dropKey` was called for a key of this user.',
    whatToDo: 'Reset the license, or free the host, so that its users can activate again.',
    told: { all: [403, 2, 'Key dropped'] },
  },
  TRIAL_NOT_OFFERED: {
    what: 'The product offers no trial.',
    why: 'It has no `trialSeconds`.',
    whatToDo: 'Set them with `products.update`.',
    told: { keymint: [403, 2, 'No trial offered'] },
  },
  // The installation
  STORAGE_UNAVAILABLE: {
    what: 'Storage does not answer, or is busy.',
    why: 'The database is down, locked or overloaded.',
    whatToDo: 'Try again after the seconds that `Retry-After` says; see that the database runs.',
    told: { all: [503, 1, 'Server error'] },
  },
  STORAGE_INCOMPATIBLE: {
    what: 'What is stored is not for this version of keyslot.',
    why: 'A newer version has written it, or it is of another program.',
    whatToDo: 'Update keyslot, or name another file or schema.',
  },
  KEYRING_INVALID: {
    what: 'The signing keys cannot be used.',
    why: 'They are no keyring of keyslot, or were damaged.',
    whatToDo: 'Restore the keys from a backup.',
  },
  KEYRING_MISMATCH: {
    what: 'The signing keys are not the ones that this storage was used with.',
    why: 'Another keyring was given, or the storage is of another server.',
    whatToDo: 'Give the keyring that belongs to it; apps in the field trust no other.',
  },
  PEER_MISSING: {
    what: 'What was asked for needs a package that is not installed.',
    why: 'Drivers are optional, so that nobody installs what they do not use.',
    whatToDo: 'Install the package that the message names.',
    says: 'The API page needs swagger-ui-dist: npm install swagger-ui-dist',
    told: { apiPage: [501, 1], apiPageFile: [501, 1] },
  },
  SERVER_ERROR: {
    what: 'Something unexpected.',
    why: 'The log of the server has the cause.',
    whatToDo: 'Read the log; report it if the fault is ours.',
    told: { all: [500, 1, 'Server error'] },
  },
  // License tokens, as a verifier refuses them
  TOKEN_MALFORMED: {
    what: 'The text is no license token.',
    why: 'It was cut off or altered.',
    whatToDo: 'Activate again.',
  },
  TOKEN_ALGORITHM: {
    what: 'The token is signed by another algorithm than Ed25519.',
    why: 'It was made by another program.',
    whatToDo: 'Activate again.',
  },
  TOKEN_KEY_UNKNOWN: {
    what: 'The token is signed by a key that the app does not trust.',
    why: 'The server signs with a new key that the app does not know yet, or it is another server.',
    whatToDo:
      'Go online once, so that the app learns the new key; see that the app has the public keys of your server.',
  },
  TOKEN_SIGNATURE: {
    what: 'The signature of the token is wrong.',
    why: 'The token was altered.',
    whatToDo: 'Activate again.',
  },
  TOKEN_CLAIMS: {
    what: 'The token lacks claims of a license token, or has others.',
    why: 'It is a token of another kind.',
    whatToDo: 'Activate again.',
  },
  TOKEN_NOT_YET_VALID: {
    what: 'The token is valid from a later time on.',
    why: "The computer's clock is behind.",
    whatToDo: 'Set the clock.',
  },
  TOKEN_EXPIRED: {
    what: 'The token has ended.',
    why: 'The app was offline for longer than the product allows, or the license ended.',
    whatToDo: 'Go online, so that it is renewed.',
  },
  TOKEN_WRONG_PRODUCT: {
    what: 'The token is for another product.',
    why: 'Two apps share a folder.',
    whatToDo: 'Give each app a `dataDir` of its own.',
  },
  TOKEN_WRONG_HOST: {
    what: 'The token is for another host.',
    why: 'The folder was copied from another computer, or the machine id changed.',
    whatToDo: 'Activate on this computer.',
  },
  // The client kit
  NOT_ACTIVATED: {
    what: 'There is no license on this computer.',
    why: '`activate()` was not called, or `deactivate()` was.',
    whatToDo: 'Call `activate({ licenseKey })`.',
  },
  HOST_ID_UNAVAILABLE: {
    what: 'The computer cannot be told from others.',
    why: 'It has no machine id, and nothing can be kept on its disk.',
    whatToDo: 'Give `hostId`, or a `dataDir` that can be written.',
  },
  HOST_NOT_KEPT: {
    what: 'The host would take another slot, or be another user, each time it is made anew.',
    why: 'It is a container whose data folder is no volume, or the folder cannot be written and the server asks for a key.',
    whatToDo: 'Give it a volume for `dataDir`; or `hostId` and `proofSecret`, the same at every start.',
  },
  INSECURE_SERVER_URL: {
    what: 'The URL of the server is not `https:`.',
    why: 'License keys and tokens would be sent in the open.',
    whatToDo: 'Use `https:`; `http:` is for this computer only.',
  },
  SERVER_UNREACHABLE: {
    what: 'No license server answered.',
    why: 'There is no network, or a proxy or a captive portal answers in its place.',
    whatToDo: 'Try again when there is a network; a check goes by the token meanwhile.',
  },
  CONNECTION_INTERCEPTED: {
    what: 'Something on the way shows a certificate of its own, which nothing on this computer trusts.',
    why: 'A proxy of a company, a sign-in page or a virus scanner opens TLS. `detail.issuer` names it.',
    whatToDo:
      "Add its certificate to the system's (from Node 22.15 on) or to NODE_EXTRA_CA_CERTS; a check goes by the token meanwhile.",
  },
  ANSWER_ALTERED: {
    what: 'An answer has the form of a no, but the signature of the license server is missing or is for another request.',
    why: 'A proxy or an inspector of TLS on the way takes headers out, or somebody answers in place of the server.',
    whatToDo:
      'Let what is on the way pass `DPoP`, `Keyslot-Answer` and `Keyslot-Error`; a check goes by the token meanwhile.',
  },
  SERVER_REFUSED: {
    what: 'The server refused for a reason that this version of the kit does not know.',
    why: 'The server is newer.',
    whatToDo: 'Update the app.',
  },
  // Files carried by hand to and from a host without network, and the revocation list
  FILE_UNREADABLE: {
    what: 'A file cannot be read.',
    why: 'It is not there, or its permissions forbid it.',
    whatToDo: 'See that the program may read it.',
    says: 'The API page has no such file',
    told: { apiPageFile: [404, 1] },
  },
  FILE_UNWRITABLE: {
    what: 'A file cannot be written.',
    why: 'The disk is full, or permissions forbid it.',
    whatToDo: 'See that the program may write there.',
  },
  ACTIVATION_REQUEST_MALFORMED: {
    what: 'The file is no activation request.',
    why: 'It was altered, or is another file.',
    whatToDo: 'Make it again on the host.',
  },
  LICENSE_FILE_MALFORMED: {
    what: 'The file is no license file.',
    why: 'It was altered, or is another file.',
    whatToDo: 'Sign it again.',
  },
  LICENSE_REVOKED: {
    what: 'The license file was revoked.',
    why: 'The license was blocked, deleted, reset or freed since it was signed.',
    whatToDo: 'Sign a new file.',
  },
  REVOCATION_LIST_MALFORMED: {
    what: 'The file is no revocation list.',
    why: 'It was altered, or is another file.',
    whatToDo: 'Fetch it again.',
  },
  REVOCATION_LIST_UNTRUSTED: {
    what: 'The revocation list is signed by no key that the app trusts, or is for another product.',
    why: 'It is of another server.',
    whatToDo: 'Fetch it from your server.',
  },
  // Statements of the server's signing keys
  KEY_SET_MALFORMED: {
    what: 'The file is no statement of signing keys.',
    why: 'It was altered, or is another file.',
    whatToDo: 'Make it again with `keyslot keys`.',
  },
  KEY_SET_UNTRUSTED: {
    what: 'The statement is signed by no key that the app trusts.',
    why: 'It is of another server.',
    whatToDo: 'Use the statement of your server.',
  },
  KEY_SET_OUTDATED: {
    what: 'The statement is older than one that the app has.',
    why: 'A statement cannot take back a newer one.',
    whatToDo: 'Use the newest statement.',
  },
  STATEMENT_MALFORMED: {
    what: 'The text is no bridge and no statement that the server has moved, or is not for this app.',
    why: 'It was altered, is another file, is for another product or address, or is dated more than a day ahead.',
    whatToDo: 'Make it again with `keyslot keys bridge` or `keyslot keys moved`.',
  },
  STATEMENT_UNTRUSTED: {
    what: 'The bridge, or the statement that the server has moved, is signed by no key that the app trusts.',
    why: 'It is of another server, or its signing key was revoked.',
    whatToDo: 'Make it again with the keyring of your server.',
  },
  STATEMENT_OUTDATED: {
    what: 'The bridge, or the statement that the server has moved, is older than one that the app has.',
    why: 'A statement cannot take back a newer one.',
    whatToDo: 'Use the newest statement.',
  },
} as const satisfies Readonly<Record<string, ErrorDefinition>>

export function definitionOf(code: keyof typeof ERRORS): ErrorDefinition {
  return ERRORS[code]
}
