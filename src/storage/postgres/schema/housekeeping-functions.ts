/** What is on its way to webhooks, and what has had its day. */
export const HOUSEKEEPING_FUNCTIONS = `
  -- Ends an attempt. Does nothing when the delivery is gone, or was taken again since.
  CREATE FUNCTION @settle_delivery(delivery text, attempt bigint, new_status text, error text, retry_at bigint,
    lock_timeout_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    place record;
  BEGIN
    PERFORM @begin_step(lock_timeout_ms);
    SELECT d.endpoint_id, d.line INTO place FROM @webhook_deliveries d WHERE d.id = delivery;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    PERFORM @lock_line(place.endpoint_id, place.line);
    UPDATE @webhook_deliveries d
    SET status = new_status, last_error = error, next_attempt_at = coalesce(retry_at, d.next_attempt_at),
      due_at = CASE new_status WHEN 'pending' THEN d.due_at END
    WHERE d.id = delivery AND d.attempts = attempt AND d.status = 'pending';
    IF FOUND THEN
      PERFORM @settle_line(place.endpoint_id, place.line);
    END IF;
  END $$;

  -- Makes a delivery pending again; false when the account has none of this id.
  CREATE FUNCTION @redeliver(of_account text, delivery text, instant bigint, lock_timeout_ms bigint) RETURNS boolean
  LANGUAGE plpgsql AS $$
  DECLARE
    place record;
  BEGIN
    PERFORM @begin_step(lock_timeout_ms);
    SELECT d.endpoint_id, d.line INTO place FROM @webhook_deliveries d JOIN @webhook_endpoints w ON w.id = d.endpoint_id
    WHERE d.id = delivery AND w.account_id = of_account;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
    PERFORM @lock_line(place.endpoint_id, place.line);
    UPDATE @webhook_deliveries d SET status = 'pending', attempts = 0, next_attempt_at = instant WHERE d.id = delivery;
    IF FOUND THEN
      PERFORM @settle_line(place.endpoint_id, place.line);
    END IF;
    RETURN FOUND;
  END $$;

  -- At most so many of each kind; what another instance is at is left to it. Each list is made by itself first: as a
  -- condition of the DELETE it might be made again for every row, and LIMIT would count from new each time.
  CREATE FUNCTION @purge_expired(instant bigint, delivered_until bigint, at_most bigint, lock_timeout_ms bigint)
  RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    records bigint;
    lapsed bigint;
    revoked bigint;
    delivered bigint;
    cleaned bigint := 0;
    license @licenses;
  BEGIN
    PERFORM @begin_step(lock_timeout_ms);
    WITH due AS MATERIALIZED (
      SELECT i.account_id, i.scope, i.key FROM @idempotency_records i WHERE i.expires_at <= instant
      ORDER BY i.expires_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM @idempotency_records r USING due
    WHERE r.account_id = due.account_id AND r.scope = due.scope AND r.key = due.key;
    GET DIAGNOSTICS records = ROW_COUNT;

    WITH due AS MATERIALIZED (
      SELECT i.seq FROM @sessions i WHERE i.expires_at <= instant
      ORDER BY i.expires_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM @sessions s USING due WHERE s.seq = due.seq AND s.expires_at <= instant;
    GET DIAGNOSTICS lapsed = ROW_COUNT;

    WITH due AS MATERIALIZED (
      SELECT i.tokens_end_at, i.token_id FROM @revocations i WHERE i.tokens_end_at <= instant
      ORDER BY i.tokens_end_at, i.token_id LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM @revocations r USING due WHERE r.tokens_end_at = due.tokens_end_at AND r.token_id = due.token_id;
    GET DIAGNOSTICS revoked = ROW_COUNT;
    IF revoked > 0 THEN
      UPDATE @dropped_revocations SET count = count + revoked;
    END IF;

    WITH due AS MATERIALIZED (
      SELECT i.seq FROM @webhook_deliveries i WHERE i.status = 'delivered' AND i.last_attempt_at <= delivered_until
      ORDER BY i.last_attempt_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM @webhook_deliveries d USING due WHERE d.seq = due.seq;
    GET DIAGNOSTICS delivered = ROW_COUNT;

    -- Licenses come last: the sessions that go with them are counted where they lapsed.
    FOR license IN
      SELECT * FROM @licenses l WHERE l.cleanable_at <= instant ORDER BY l.cleanable_at LIMIT at_most FOR UPDATE SKIP LOCKED
    LOOP
      PERFORM @revoke(license, NULL, instant);
      DELETE FROM @licenses l WHERE l.seq = license.seq;
      cleaned := cleaned + 1;
    END LOOP;
    RETURN json_build_object('licenses', cleaned, 'idempotencyRecords', records, 'sessions', lapsed,
      'revocations', revoked, 'deliveries', delivered);
  END $$;
`
