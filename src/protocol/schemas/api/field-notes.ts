import type { RequestField } from './request-components'

const REQUEST_FIELDS: Readonly<Record<RequestField, string>> = {
  productId: 'The product the license is for.',
  licenseKey: 'The license key, in any letter case; white space around it is ignored.',
  maxActivations: 'Activation limit. Null or absent: unlimited.',
  usesPerKey: 'Activation limit. Null or absent: unlimited. Goes before `maxActivations`.',
  expiryDate: 'When the license expires. Null or empty: never. Absent on creation: in one calendar month.',
  customerId: 'The customer. Not together with `newCustomer`.',
  newCustomer: 'A customer to make in the same step.',
  metadata: 'Any JSON object, of at most 4,096 bytes and 5 levels. Replaced as a whole.',
  allowedHosts: 'The hosts that may use the license. Null or absent: any host may.',
  usersPerHost:
    "How many users a host may have, by the keys they show. Null or absent: the product's number, or the server's.",
  versionId: 'The product version the license is tied to.',
  licenseType: 'Node-locked licenses are activated, floating ones checked out. On creation `node-locked` unless given.',
  maxConcurrentSessions: 'Floating licenses: how many seats there are. Null or absent: unlimited.',
  heartbeatInterval: 'Floating licenses: how often a heartbeat is due, in seconds. Default 300.',
  sessionLeaseDuration: 'Floating licenses: how long a seat is held without a heartbeat, in seconds. Default 900.',
  format:
    'How keys are to look: prefix, sections joined by the separator, suffix. Must give keys of 23 to 256 of the ' +
    'characters `A-Z a-z 0-9 . _ ~ -`, with at least 64 random bits once upper-cased.',
  amountKeys: 'How many keys to make. Default 1.',
  hostId: 'The opaque id of the host, compared exactly.',
  forAll: 'True where the other users of the host lose it too.',
  previousHostIds:
    'Ids this host went by before, the likeliest first. Where the host holds no slot, that of the first of them that does ' +
    'becomes its own.',
  replaceDevice:
    'The `device`, of `/key/devices`, whose slot this host is to have instead, where it holds none. The product must allow ' +
    'self-service, unless the token is a secret one.',
  device: 'The device, as `/key/devices` names it.',
  user: 'The user of the device, as `/key/devices` names it.',
  key: "A key of the user's, by its JWK thumbprint or the first 8 characters and more of it.",
  deviceTag: 'What the app calls the device, for people to read.',
  licensee: 'Who uses the app, where the license has no customer.',
  version: "The app's version, for people to read.",
  ttl: 'How long the file is good for, in seconds. Needed for a license that never expires.',
  userIdentifier: 'Tells users of one host apart: each takes a seat of their own.',
  sessionId: 'As the checkout gave it.',
  timestamp: 'The last `nextNonce`.',
  signature: 'HMAC-SHA256 of `sessionId:nextNonce` under `sessionSecret`, in hex.',
  name: 'A name, for people to read.',
  email: 'An email address of any script; letter case does not matter.',
  active: 'False disables the customer.',
  page: 'Which page, from 1.',
  limit: 'How many a page holds. More than 100 are taken for 100.',
  quantity: 'How many keys to make.',
  packageIds: 'The numbers (`packageId`) of the products the keys are for.',
  duration: 'How many units the keys are good for.',
  unit: 'Units follow the calendar: 31 January plus one month is the last day of February.',
  alias: 'Leads the keys, upper-cased, in accounts of plan `pro`. Default `KEY`.',
  isCleanable: 'Whether the keys are deleted on their own once expired. Default false.',
  activateCount: 'How many hosts a key is for.',
  endDate: 'When the keys expire; in the future.',
  status: '0 disables the key, 1 enables it.',
  token: 'The package token, which ships in the app.',
  data: 'A JSON object, encrypted, in base64.',
  stamp:
    'The claim `stamp` of the license token that the host has: one that was given after the host was freed is not revoked by that.',
  renewal: 'The claim `ren` of the license token that the host has. Two who show one number are told from one.',
  nonce: 'Random: the answer carries it.',
  licenseToken:
    'The license token that the host holds. A host that the server has forgotten (a restored backup) is taken back with it, at ' +
    'the limit too, where the token has not ended, nothing has revoked it, and the key it is bound to is shown.',
}

const FORMAT_FIELDS = {
  sections: 'How many sections. Default 4.',
  sectionLength: 'How many characters a section has. Default 5.',
  separator: 'What stands between the sections. Default `-`.',
  charset: 'What sections are drawn from. Default digits and letters.',
  prefix: 'What leads the key, as it is: no separator follows.',
  suffix: 'What ends the key, as it is.',
  case: 'The letter case of the sections only. Default `upper`.',
}

/** The meaning of each field of a request. A name has the same meaning in every request. */
export const FIELD_NOTES: Readonly<Record<string, string>> = { ...REQUEST_FIELDS, ...FORMAT_FIELDS }
