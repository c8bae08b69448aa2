/** Floating seats: `domain/session.ts` where the rows are. Every verb locks the license's row first, as claims do. */
export const SESSION_FUNCTIONS = `
  -- Why a checkout is refused, but for the number of seats; null when it is not.
  CREATE FUNCTION @refuse_checkout(license @licenses, args json, of_account text, instant bigint) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
  DECLARE
    product @products;
    customer @customers;
    refusal text;
  BEGIN
    SELECT * INTO product FROM @products p WHERE p.id = args->>'productId';
    IF NOT @is_sold_for(license, product, of_account) THEN
      RETURN 'gone';
    END IF;
    SELECT * INTO customer FROM @customers c WHERE c.id = license.customer_id;
    refusal := @refuse_license(license, customer, instant);
    IF refusal IS NOT NULL THEN
      RETURN refusal;
    ELSIF license.type <> 'floating' THEN
      RETURN 'wrong-type';
    ELSIF NOT args->>'hostId' = ANY (license.allowed_hosts) THEN
      RETURN 'host-not-allowed';
    END IF;
    RETURN NULL;
  END $$;

  -- Lapsed ones are not looked at, however many there are.
  CREATE FUNCTION @live_sessions(license @licenses, instant bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM @sessions s WHERE s.license_seq = license.seq AND s.expires_at > instant
  $$;

  -- Never later than the license itself.
  CREATE FUNCTION @lease_end(license @licenses, args json, instant bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT least(
      instant + coalesce(license.session_lease_seconds, (args->>'defaultLeaseSeconds')::bigint) * 1000, license.expires_at)
  $$;

  -- The answer to a checkout that is refused: waiting clients cost no lock. What it leaves open is null.
  CREATE FUNCTION @checkout_by_reading(of_account text, instant bigint, args json) RETURNS json
  LANGUAGE plpgsql STABLE AS $$
  DECLARE
    license @licenses;
    refusal text;
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey';
    refusal := @refuse_checkout(license, args, of_account, instant);
    IF refusal IS NULL AND @live_sessions(license, instant) >= license.max_concurrent_sessions AND NOT EXISTS (
      SELECT FROM @sessions s WHERE s.license_seq = license.seq AND s.host_id = args->>'hostId'
        AND s.user_identifier = args->>'userIdentifier' AND s.expires_at > instant)
    THEN
      refusal := 'limit-reached';
    END IF;
    RETURN CASE WHEN refusal IS NOT NULL THEN json_build_object('kind', refusal) END;
  END $$;

  CREATE FUNCTION @claim_session(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses;
    session @sessions := json_populate_record(NULL::@sessions, args->'session');
    held @sessions;
    refusal text;
    live bigint;
    kind text := 'created';
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey' FOR NO KEY UPDATE;
    refusal := @refuse_checkout(license, args, of_account, instant);
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;
    -- Locked: a sweeper may be at it.
    SELECT * INTO held FROM @sessions s WHERE s.license_seq = license.seq AND s.host_id = args->>'hostId'
      AND s.user_identifier = args->>'userIdentifier' FOR UPDATE;
    live := @live_sessions(license, instant);

    IF held.expires_at > instant THEN
      kind := 'existing';
      UPDATE @sessions s SET device_tag = session.device_tag, address = session.address, secret = session.secret,
        nonce = session.nonce, renewed_at = instant, expires_at = @lease_end(license, args, instant)
      WHERE s.seq = held.seq RETURNING * INTO session;
    ELSIF live >= license.max_concurrent_sessions THEN
      RETURN '{"kind": "limit-reached"}';
    ELSE
      -- Those that hold no seat go: a heartbeat that comes late, by a slower clock, must not take one back.
      DELETE FROM @sessions s WHERE s.license_seq = license.seq AND s.expires_at <= instant;
      live := live + 1;
      INSERT INTO @sessions (license_seq, host_id, user_identifier, id, device_tag, address, secret, nonce, started_at,
        renewed_at, expires_at)
      VALUES (license.seq, session.host_id, session.user_identifier, session.id, session.device_tag, session.address,
        session.secret, session.nonce, instant, instant, @lease_end(license, args, instant))
      RETURNING * INTO session;
    END IF;
    RETURN json_build_object('kind', kind, 'license', license, 'session', session, 'liveSessions', live,
      'product', (SELECT p FROM @products p WHERE p.id = args->>'productId'),
      'customer', (SELECT c FROM @customers c WHERE c.id = license.customer_id));
  END $$;

  -- A live session, locked: a sweeper may be at it. All null where there is none.
  CREATE FUNCTION @lock_session(license @licenses, args json, instant bigint) RETURNS @sessions LANGUAGE sql AS $$
    SELECT * FROM @sessions s WHERE s.license_seq = license.seq AND s.id = args->>'sessionId' AND s.expires_at > instant
    FOR UPDATE
  $$;

  -- Why a session may not be used with this nonce; null when it may.
  CREATE FUNCTION @refuse_session(license @licenses, session @sessions, args json) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
      WHEN license.id IS NULL THEN 'gone'
      WHEN session.id IS NULL THEN 'not-found'
      WHEN session.nonce <> args->>'nonce' THEN 'bad-nonce'
    END
  $$;

  CREATE FUNCTION @renew_session(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses := @lock_sold(of_account, args);
    session @sessions := @lock_session(license, args, instant);
    refusal text := @refuse_session(license, session, args);
  BEGIN
    IF refusal IS NULL AND license.blocked THEN
      refusal := 'blocked';
    END IF;
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;
    UPDATE @sessions s
    SET nonce = args->>'nextNonce', renewed_at = instant, expires_at = @lease_end(license, args, instant)
    WHERE s.seq = session.seq RETURNING * INTO session;
    RETURN json_build_object('kind', 'renewed', 'license', license, 'session', session);
  END $$;

  CREATE FUNCTION @release_session(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses := @lock_sold(of_account, args);
    session @sessions := @lock_session(license, args, instant);
    refusal text := @refuse_session(license, session, args);
  BEGIN
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;
    DELETE FROM @sessions s WHERE s.seq = session.seq;
    RETURN json_build_object('kind', 'released', 'license', license, 'session', session);
  END $$;
`
