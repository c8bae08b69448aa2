import type { Session } from '../../domain/session'

export interface SessionRow {
  readonly seq: number
  readonly host_id: string
  readonly user_identifier: string
  readonly id: string
  readonly device_tag: string | null
  readonly address: string | null
  readonly secret: string
  readonly nonce: string
  readonly started_at: number
  readonly renewed_at: number
  readonly expires_at: number
}

export function toSession(row: SessionRow, licenseId: string): Session {
  return {
    id: row.id,
    licenseId,
    hostId: row.host_id,
    userIdentifier: row.user_identifier,
    deviceTag: row.device_tag,
    address: row.address,
    secret: row.secret,
    nonce: row.nonce,
    startedAt: new Date(row.started_at),
    renewedAt: new Date(row.renewed_at),
    expiresAt: new Date(row.expires_at),
  }
}

export function sessionRecord(licenseSeq: number, session: Session) {
  return {
    license_seq: licenseSeq,
    host_id: session.hostId,
    user_identifier: session.userIdentifier,
    id: session.id,
    device_tag: session.deviceTag,
    address: session.address,
    secret: session.secret,
    nonce: session.nonce,
    started_at: session.startedAt,
    renewed_at: session.renewedAt,
    expires_at: session.expiresAt,
  }
}
