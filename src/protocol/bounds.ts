/**
 * Every bound that more than one reader of a field asks for stands here once: the schemas of requests, of the in-process
 * API and of import files, and the options of the command line. This file imports nothing.
 */

/** The least and the most that a field can be, both included; of a text or a list, its length. */
export type Bound = readonly [least: number, most: number]

const YEAR_SECONDS = 31_536_000

/** A number that grows without a bound of ours. */
export const COUNT: Bound = [0, Number.MAX_SAFE_INTEGER]

/** Texts and lists, by their length. */
export const LENGTHS = {
  /** An id that requests carry. */
  id: [22, 256],
  /** An id from another service, which comes with an import file. */
  importedId: [1, 256],
  licenseKey: [1, 256],
  licenseToken: [1, 20_000],
  hostId: [1, 64],
  /** A name, for people to read, and whatever else is as long. */
  name: [1, 256],
  deviceTag: [1, 64],
  email: [1, 254],
  appVersion: [1, 32],
  /** The version of a product. */
  version: [1, 32],
  description: [1, 1000],
  entitlement: [1, 64],
  entitlements: [0, 100],
  allowedHosts: [0, 1000],
  productIds: [0, 1000],
  /** An address or a range of addresses. */
  address: [1, 64],
  addresses: [0, 100],
  eventTypes: [0, 100],
  url: [1, 2048],
  idempotencyKey: [1, 255],
  /** The token that apps made for AuthTool have of their package. */
  packageToken: [1, 256],
  /** In characters, each of which is a byte of an AES-256 key. */
  aesKey: [32, 32],
  /** What such apps are told, for people to read. */
  packageText: [0, 2048],
} as const satisfies Readonly<Record<string, Bound>>

/** Whole numbers. */
export const NUMBERS = {
  /** How many hosts a license is for, and how many seats it has. */
  maxActivations: [1, 9_999_999],
  /** How many users of a host are told apart by their keys. */
  usersPerHost: [1, 32],
  heartbeatIntervalSeconds: [60, YEAR_SECONDS],
  sessionLeaseSeconds: [300, YEAR_SECONDS],
  offlineLifetimeSeconds: [60, 10 * YEAR_SECONDS],
  graceSeconds: [0, 10 * YEAR_SECONDS],
  trialSeconds: [60, 10 * YEAR_SECONDS],
  /** How long a license file is good for. */
  fileSeconds: [60, 100 * YEAR_SECONDS],
  /** How many units a length of time by the calendar has. */
  duration: [1, 9999],
  /** The number of a license token among those that its holder was given. */
  renewal: [0, 2 ** 40],
  /** Unix milliseconds. */
  stamp: [0, 2 ** 48],
} as const satisfies Readonly<Record<string, Bound>>
