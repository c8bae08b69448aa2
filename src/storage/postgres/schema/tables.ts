/**
 * The tables. `@` stands for the schema.
 *
 * A claim touches four trees: the index on canonical_key, licenses, activations with their key, and products, which is
 * small. What only lists need is kept off that path: activations have no second index (the newest-first list sorts one
 * license's own rows). `licenses` is left some room on each page, so that counting a slot changes no index.
 *
 * Instants are milliseconds since 1970, so that none is rounded or bound to a time zone; `to_timestamp(created_at / 1000.0)`
 * shows one.
 */
export const TABLES = `
  CREATE TABLE @signing_keys (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kid text NOT NULL UNIQUE,
    recorded_at bigint NOT NULL
  );

  CREATE TABLE @accounts (
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    name text NOT NULL,
    plan text NOT NULL,
    created_at bigint NOT NULL
  );

  CREATE TABLE @access_tokens (
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES @accounts,
    name text NOT NULL,
    kind text NOT NULL,
    hash text NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    product_ids text[],
    allowed_addresses text[],
    expires_at bigint,
    revoked_at bigint,
    created_at bigint NOT NULL
  );
  CREATE INDEX access_tokens_by_account ON @access_tokens (account_id, created_at, seq);

  -- A sequence would leave gaps in the package ids; this row is locked by whoever makes a product. One row.
  CREATE TABLE @package_ids (last integer NOT NULL);
  INSERT INTO @package_ids VALUES (0);

  CREATE TABLE @products (
    package_id integer NOT NULL UNIQUE,
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES @accounts,
    name text NOT NULL,
    active boolean NOT NULL,
    offline_lifetime_seconds bigint NOT NULL,
    grace_seconds bigint NOT NULL,
    entitlements text[] NOT NULL,
    require_proof boolean NOT NULL,
    self_service boolean NOT NULL,
    trial_seconds bigint,
    created_at bigint NOT NULL
  );
  CREATE INDEX products_by_account ON @products (account_id, package_id);

  CREATE TABLE @product_versions (
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES @products,
    version text NOT NULL,
    description text,
    active boolean NOT NULL,
    created_at bigint NOT NULL
  );
  CREATE INDEX product_versions_by_product ON @product_versions (product_id, created_at, seq);

  CREATE TABLE @customers (
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES @accounts,
    name text NOT NULL,
    email text,
    canonical_email text,
    active boolean NOT NULL,
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  );
  CREATE UNIQUE INDEX customers_by_email ON @customers (account_id, canonical_email) WHERE canonical_email IS NOT NULL;
  CREATE INDEX customers_by_account ON @customers (account_id, created_at, seq);

  CREATE TABLE @licenses (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    account_id text NOT NULL REFERENCES @accounts,
    customer_id text REFERENCES @customers,
    key text NOT NULL,
    canonical_key text NOT NULL UNIQUE,
    product_ids text[] NOT NULL,
    type text NOT NULL,
    max_activations bigint,
    activation_count bigint NOT NULL DEFAULT 0 CHECK (activation_count >= 0),
    expires_at bigint,
    sold_for json,
    activation_duration json,
    blocked boolean NOT NULL,
    metadata json,
    allowed_hosts text[],
    version_id text,
    reset_count bigint NOT NULL,
    token_generation bigint NOT NULL,
    cleanable boolean NOT NULL,
    cleanable_at bigint,
    max_concurrent_sessions bigint,
    heartbeat_interval_seconds bigint,
    session_lease_seconds bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  ) WITH (fillfactor = 80);
  CREATE INDEX licenses_by_account ON @licenses (account_id, created_at, seq);
  CREATE INDEX licenses_by_customer ON @licenses (customer_id, created_at, seq) WHERE customer_id IS NOT NULL;
  CREATE INDEX licenses_to_clean ON @licenses (cleanable_at) WHERE cleanable_at IS NOT NULL;

  -- What a license's row says of its products, in listing order. Nothing in it ever changes.
  CREATE TABLE @license_products (
    product_id text NOT NULL,
    created_at bigint NOT NULL,
    license_seq bigint NOT NULL REFERENCES @licenses ON DELETE CASCADE,
    PRIMARY KEY (license_seq, product_id)
  );
  CREATE INDEX license_products_by_product ON @license_products (product_id, created_at, license_seq);

  CREATE TABLE @activations (
    license_seq bigint NOT NULL REFERENCES @licenses ON DELETE CASCADE,
    host_id text NOT NULL,
    id text NOT NULL,
    device_tag text,
    address text,
    app_version text,
    licensee json,
    jti text NOT NULL,
    tokens_end_at bigint NOT NULL,
    activated_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint,
    proof_key text,
    surrendered_at bigint,
    PRIMARY KEY (license_seq, host_id)
  );

  -- What was spent of each, as JSON. Apart from the license's row, so that no claim reads or writes it.
  CREATE TABLE @allowances (
    license_seq bigint NOT NULL REFERENCES @licenses ON DELETE CASCADE,
    name text NOT NULL,
    spent text NOT NULL,
    PRIMARY KEY (license_seq, name)
  );

  -- One row per seat, lapsed or live: its next checkout takes the place of a lapsed one.
  CREATE TABLE @sessions (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    license_seq bigint NOT NULL REFERENCES @licenses ON DELETE CASCADE,
    host_id text NOT NULL,
    user_identifier text NOT NULL,
    id text NOT NULL,
    device_tag text,
    address text,
    secret text NOT NULL,
    nonce text NOT NULL,
    started_at bigint NOT NULL,
    renewed_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    UNIQUE (license_seq, host_id, user_identifier),
    UNIQUE (license_seq, id)
  );
  CREATE INDEX sessions_by_lease ON @sessions (license_seq, expires_at);
  CREATE INDEX sessions_by_expiry ON @sessions (expires_at);

  CREATE TABLE @revocations (
    tokens_end_at bigint NOT NULL,
    token_id text NOT NULL,
    PRIMARY KEY (tokens_end_at, token_id)
  );
  -- How many were dropped again. With those still there it makes the list's version: a counter of all ever made would
  -- be one row for every release in the world to wait for. One row.
  CREATE TABLE @dropped_revocations (count bigint NOT NULL);
  INSERT INTO @dropped_revocations VALUES (0);

  CREATE TABLE @events (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL REFERENCES @accounts,
    id text NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    actor_id text NOT NULL,
    actor_address text,
    license_id text,
    data text NOT NULL
  );
  CREATE INDEX events_by_account ON @events (account_id, seq);
  CREATE INDEX events_by_license ON @events (license_id, seq) WHERE license_id IS NOT NULL;
  -- Grows at its end only, as the ids would not: by it, an event that is brought again is found.
  CREATE INDEX events_by_time ON @events (at);

  CREATE TABLE @webhook_endpoints (
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES @accounts,
    url text NOT NULL,
    event_types text[],
    secrets text NOT NULL,
    active boolean NOT NULL,
    created_at bigint NOT NULL
  );
  CREATE INDEX webhook_endpoints_by_account ON @webhook_endpoints (account_id, created_at, seq);

  -- seq is in the order of the events. Pending deliveries of one endpoint and line wait for the first of them, which
  -- alone has due_at: what a claim reads is as long as what is due, not as what is waiting.
  CREATE TABLE @webhook_deliveries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id text NOT NULL REFERENCES @webhook_endpoints ON DELETE CASCADE,
    event_seq bigint NOT NULL REFERENCES @events,
    id text NOT NULL UNIQUE,
    line text NOT NULL,
    status text NOT NULL,
    attempts bigint NOT NULL,
    next_attempt_at bigint NOT NULL,
    last_attempt_at bigint,
    last_error text,
    due_at bigint
  );
  CREATE INDEX webhook_deliveries_by_endpoint ON @webhook_deliveries (endpoint_id, status, seq);
  CREATE INDEX webhook_deliveries_by_line ON @webhook_deliveries (endpoint_id, line, seq) WHERE status = 'pending';
  CREATE INDEX webhook_deliveries_due ON @webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX webhook_deliveries_done ON @webhook_deliveries (last_attempt_at) WHERE status = 'delivered';

  CREATE TABLE @idempotency_records (
    account_id text NOT NULL REFERENCES @accounts,
    scope text NOT NULL,
    key text NOT NULL,
    payload_hash text NOT NULL,
    outcome text NOT NULL,
    done_at bigint NOT NULL,
    note text,
    expires_at bigint NOT NULL,
    PRIMARY KEY (account_id, scope, key)
  );
  CREATE INDEX idempotency_records_by_expiry ON @idempotency_records (expires_at);
`
