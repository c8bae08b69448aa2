import { LicenseError } from '../../protocol/license-error'
import type { Database } from './driver'

/** `kslt`: tells our files from those of other programs. */
export const APPLICATION_ID = 0x6b736c74

/**
 * Each entry takes the schema one version up; `user_version` says how many have run. Never change one that has been
 * released, add another. (None has been yet: the first one is still changed in place.)
 *
 * A claim touches four trees: the index on canonical_key, licenses, activations, and products, which is small. What
 * only lists need is kept off that path: activations have no second index (the newest-first list sorts one license's
 * own rows), and license_products repeats what the license's row holds, in listing order. Nothing in it ever changes.
 * A product version is named by its id in the license's row: no claim looks at it.
 *
 * Instants are milliseconds since 1970; lists and vendors' objects are JSON.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE signing_keys (seq INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, recorded_at INTEGER NOT NULL);

  CREATE TABLE accounts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );

  CREATE TABLE access_tokens (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    product_ids TEXT,
    allowed_addresses TEXT,
    expires_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX access_tokens_by_account ON access_tokens (account_seq, created_at);

  -- seq is the package id. AUTOINCREMENT: never given twice.
  CREATE TABLE products (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    active INTEGER NOT NULL,
    offline_lifetime_seconds INTEGER NOT NULL,
    grace_seconds INTEGER NOT NULL,
    entitlements TEXT NOT NULL,
    require_proof INTEGER NOT NULL,
    self_service INTEGER NOT NULL,
    trial_seconds INTEGER,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX products_by_account ON products (account_seq);

  CREATE TABLE product_versions (
    seq INTEGER PRIMARY KEY,
    product_seq INTEGER NOT NULL REFERENCES products,
    id TEXT NOT NULL UNIQUE,
    version TEXT NOT NULL,
    description TEXT,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX product_versions_by_product ON product_versions (product_seq, created_at);

  CREATE TABLE customers (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    canonical_email TEXT,
    active INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX customers_by_email ON customers (account_seq, canonical_email) WHERE canonical_email IS NOT NULL;
  CREATE INDEX customers_by_account ON customers (account_seq, created_at);

  CREATE TABLE licenses (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    activation_count INTEGER NOT NULL CHECK (activation_count >= 0),
    max_activations INTEGER,
    customer_seq INTEGER REFERENCES customers,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    canonical_key TEXT NOT NULL UNIQUE,
    product_ids TEXT NOT NULL,
    type TEXT NOT NULL,
    expires_at INTEGER,
    sold_for TEXT,
    activation_duration TEXT,
    blocked INTEGER NOT NULL,
    metadata TEXT,
    allowed_hosts TEXT,
    version_id TEXT,
    reset_count INTEGER NOT NULL,
    token_generation INTEGER NOT NULL,
    cleanable INTEGER NOT NULL,
    cleanable_at INTEGER,
    max_concurrent_sessions INTEGER,
    heartbeat_interval_seconds INTEGER,
    session_lease_seconds INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  );
  CREATE INDEX licenses_by_account ON licenses (account_seq, created_at);
  CREATE INDEX licenses_by_customer ON licenses (customer_seq, created_at) WHERE customer_seq IS NOT NULL;
  CREATE INDEX licenses_to_clean ON licenses (cleanable_at) WHERE cleanable_at IS NOT NULL;

  CREATE TABLE license_products (
    account_seq INTEGER NOT NULL,
    product_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    license_seq INTEGER NOT NULL,
    PRIMARY KEY (account_seq, product_id, created_at, license_seq)
  ) WITHOUT ROWID;

  CREATE TABLE activations (
    license_seq INTEGER NOT NULL REFERENCES licenses ON DELETE CASCADE,
    host_id TEXT NOT NULL,
    id TEXT NOT NULL,
    device_tag TEXT,
    address TEXT,
    app_version TEXT,
    licensee TEXT,
    jti TEXT NOT NULL,
    tokens_end_at INTEGER NOT NULL,
    activated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER,
    proof_key TEXT,
    surrendered_at INTEGER,
    PRIMARY KEY (license_seq, host_id)
  ) WITHOUT ROWID;

  -- What was spent of each, as JSON. Apart from the license's row, so that no claim reads or writes it.
  CREATE TABLE allowances (
    license_seq INTEGER NOT NULL REFERENCES licenses ON DELETE CASCADE,
    name TEXT NOT NULL,
    spent TEXT NOT NULL,
    PRIMARY KEY (license_seq, name)
  ) WITHOUT ROWID;

  -- One row per seat, lapsed or live: its next checkout takes the place of a lapsed one.
  CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY,
    license_seq INTEGER NOT NULL REFERENCES licenses ON DELETE CASCADE,
    host_id TEXT NOT NULL,
    user_identifier TEXT NOT NULL,
    id TEXT NOT NULL,
    device_tag TEXT,
    address TEXT,
    secret TEXT NOT NULL,
    nonce TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (license_seq, host_id, user_identifier),
    UNIQUE (license_seq, id)
  );
  CREATE INDEX sessions_by_lease ON sessions (license_seq, expires_at);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);

  -- One tree for all that is done with it: listing what is left, dropping what has ended, knowing what is there.
  CREATE TABLE revocations (
    tokens_end_at INTEGER NOT NULL,
    token_id TEXT NOT NULL,
    PRIMARY KEY (tokens_end_at, token_id)
  ) WITHOUT ROWID;
  -- How many were ever made; one row.
  CREATE TABLE revocation_count (version INTEGER NOT NULL);
  INSERT INTO revocation_count VALUES (0);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor_id TEXT NOT NULL,
    actor_address TEXT,
    license_id TEXT,
    data TEXT NOT NULL
  );
  CREATE INDEX events_by_account ON events (account_seq);
  CREATE INDEX events_by_license ON events (license_id) WHERE license_id IS NOT NULL;

  CREATE TABLE webhook_endpoints (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    event_types TEXT,
    secrets TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX webhook_endpoints_by_account ON webhook_endpoints (account_seq, created_at);

  -- seq is in the order of the events. Pending deliveries of one endpoint and line wait for the first of them, which
  -- alone has due_at: what a claim reads is as long as what is due, not as what is waiting.
  CREATE TABLE webhook_deliveries (
    seq INTEGER PRIMARY KEY,
    endpoint_seq INTEGER NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_seq INTEGER NOT NULL REFERENCES events,
    id TEXT NOT NULL UNIQUE,
    line TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_attempt_at INTEGER,
    last_error TEXT,
    due_at INTEGER
  );
  CREATE INDEX webhook_deliveries_by_line ON webhook_deliveries (endpoint_seq, status, line);
  CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_seq, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX webhook_deliveries_done ON webhook_deliveries (last_attempt_at) WHERE status = 'delivered';

  -- Not WITHOUT ROWID: an outcome can hold a thousand licenses.
  CREATE TABLE idempotency_records (
    seq INTEGER PRIMARY KEY,
    account_seq INTEGER NOT NULL REFERENCES accounts,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    note TEXT,
    expires_at INTEGER NOT NULL,
    UNIQUE (account_seq, scope, key)
  );
  CREATE INDEX idempotency_records_by_expiry ON idempotency_records (expires_at);
  `,
]

/**
 * Refuses a file that is not ours to write to. Changes nothing.
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for another program's file, or one from a newer keyslot
 */
export function checkIdentity(database: Database, file: string) {
  // In one transaction: another process may be migrating right now.
  const identity = database.transaction(() => ({
    applicationId: database.pragma('application_id', { simple: true }),
    version: schemaVersion(database),
    objects: Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()),
  }))()

  const isNew = identity.applicationId === 0 && identity.version === 0 && identity.objects === 0
  if (!isNew && identity.applicationId !== APPLICATION_ID) {
    throw new LicenseError(
      'STORAGE_INCOMPATIBLE',
      `${file} is a database of another program; give keyslot its own file`,
    )
  }
  refuseNewer(identity.version, file)
}

/** Brings the schema up to date. Of processes that start together one does the work, the others find it done. */
export function migrate(database: Database, file: string) {
  if (schemaVersion(database) === MIGRATIONS.length) return
  database
    .transaction(() => {
      // Read again: whoever held the lock before may have migrated, and may have been a newer keyslot.
      const version = schemaVersion(database)
      refuseNewer(version, file)
      for (const statements of MIGRATIONS.slice(version)) database.exec(statements)
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${MIGRATIONS.length}`)
    })
    .immediate()
}

function schemaVersion(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function refuseNewer(version: number, file: string) {
  if (version <= MIGRATIONS.length) return
  throw new LicenseError(
    'STORAGE_INCOMPATIBLE',
    `${file} was written by a newer keyslot (schema ${version}, this one knows ${MIGRATIONS.length}); update keyslot`,
  )
}
