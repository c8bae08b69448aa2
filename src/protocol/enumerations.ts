/**
 * Every list of words that a field can be one of stands here once. Types, schemas and options of the command line are made
 * from these lists. This file imports nothing, so that whoever uses it does not get the schemas with it.
 */

/** A node-locked license is activated on hosts; a floating one has seats, which are held for a time. */
export const LICENSE_TYPES = ['node-locked', 'floating'] as const
export type LicenseType = (typeof LICENSE_TYPES)[number]

/** The units that lengths of time are sold in. */
export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month', 'year'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/** A publishable access token ships inside apps: everyone can read it. */
export const TOKEN_KINDS = ['secret', 'publishable'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

/** The forms of KeyMint's answers: that of September 2026, and the one before. */
export const KEYMINT_WIRES = ['2026-09', 'before'] as const
export type KeymintWire = (typeof KEYMINT_WIRES)[number]

/** What follows where two holders of one state have both renewed: an event, or that both must activate again as well. */
export const CLONE_RULES = ['event', 'reactivate'] as const
export type CloneRule = (typeof CLONE_RULES)[number]

/** The plans of an account. */
export const PLANS = ['free', 'pro'] as const
export type Plan = (typeof PLANS)[number]

/** What becomes of an event on its way to a webhook. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** How an event is wrapped on its way to a webhook: as keyslot does, or as KeyMint does. */
export const WEBHOOK_ENVELOPES = ['keyslot', 'keymint'] as const
export type WebhookEnvelope = (typeof WEBHOOK_ENVELOPES)[number]

/** How apps made for AuthTool encrypt what they send: its samples for Swift, Objective-C and Java differ. */
export const AUTHTOOL_MODES = ['gcm', 'cbc', 'ecb'] as const
export type AuthtoolMode = (typeof AUTHTOOL_MODES)[number]

/** What AuthTool's client API tells of a package. */
export const PACKAGE_STATUSES = ['running', 'maintenance'] as const
export type PackageStatus = (typeof PACKAGE_STATUSES)[number]

/** How the letters of a license key are shaped. */
export const KEY_CASES = ['upper', 'lower', 'mixed'] as const
export type KeyCase = (typeof KEY_CASES)[number]

/** What can happen to what keyslot keeps. */
export const EVENT_TYPES = [
  'license.created',
  'license.updated',
  'license.blocked',
  'license.unblocked',
  'license.reset',
  'license.deleted',
  'license.activated',
  'license.refused',
  'license.moved',
  'license.rebound',
  'license.cloned',
  'license.host-shared',
  'license.deactivated',
  'license.signed',
  'session.started',
  'session.ended',
  'customer.created',
  'customer.updated',
  'customer.deleted',
  'product.created',
  'product.updated',
  'product-version.created',
  'product-version.updated',
  'webhook.created',
  'webhook.updated',
  'webhook.disabled',
  'webhook.deleted',
  'access-token.created',
  'access-token.revoked',
  'access-token.revoked-used',
] as const

export type EventType = (typeof EVENT_TYPES)[number]
