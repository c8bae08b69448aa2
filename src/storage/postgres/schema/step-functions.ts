/**
 * What every step shares: its settings, its idempotency record, its events with their deliveries.
 *
 * A step travels as JSON: `events` are rows of @events by outcome; `idempotency` holds scope, key, payloadHash, expiresAt
 * and note.
 */
export const STEP_FUNCTIONS = `
  -- For the rest of the transaction. A host may have turned the waiting for the disk off for work of its own.
  CREATE FUNCTION @begin_step(lock_timeout_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('lock_timeout', lock_timeout_ms::text, true);
    IF current_setting('synchronous_commit') = 'off' THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
  END $$;

  -- The outcome of an earlier step with this key, as {outcome, replayed}; {mismatch: true} for another payload; else null,
  -- and until the transaction ends, steps with this key wait for it.
  CREATE FUNCTION @find_outcome(of_account text, instant bigint, idempotency json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    earlier @idempotency_records;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(
      concat_ws(E'\\x01', '@idempotency_records', of_account, idempotency->>'scope', idempotency->>'key'), 0));
    SELECT * INTO earlier FROM @idempotency_records r
    WHERE r.account_id = of_account AND r.scope = idempotency->>'scope' AND r.key = idempotency->>'key'
      AND r.expires_at > instant;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    IF earlier.payload_hash <> idempotency->>'payloadHash' THEN
      RETURN '{"mismatch": true}';
    END IF;
    RETURN json_build_object('outcome', earlier.outcome,
      'replayed', json_build_object('at', earlier.done_at, 'note', earlier.note));
  END $$;

  -- Replaces a record past its time; one that still counts is never reached.
  CREATE FUNCTION @store_outcome(of_account text, instant bigint, idempotency json, outcome text) RETURNS void
  LANGUAGE sql AS $$
    INSERT INTO @idempotency_records (account_id, scope, key, payload_hash, outcome, done_at, note, expires_at)
    VALUES (of_account, idempotency->>'scope', idempotency->>'key', idempotency->>'payloadHash', outcome, instant,
      idempotency->>'note', (idempotency->>'expiresAt')::bigint)
    ON CONFLICT (account_id, scope, key) DO UPDATE SET payload_hash = excluded.payload_hash,
      outcome = excluded.outcome, done_at = excluded.done_at, note = excluded.note, expires_at = excluded.expires_at
  $$;

  -- Those of one endpoint about one license go out one after the other; until the transaction ends, nobody else
  -- changes who is first.
  CREATE FUNCTION @lock_line(of_endpoint text, of_line text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(E'\\x01', '@webhook_deliveries', of_endpoint, of_line), 0))
  $$;

  CREATE FUNCTION @first_in_line(of_endpoint text, of_line text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT d.seq FROM @webhook_deliveries d
    WHERE d.endpoint_id = of_endpoint AND d.line = of_line AND d.status = 'pending' ORDER BY d.seq LIMIT 1
  $$;

  -- Afterwards the first in line is due, and it alone. The line is locked.
  CREATE FUNCTION @settle_line(of_endpoint text, of_line text) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    first bigint := @first_in_line(of_endpoint, of_line);
  BEGIN
    UPDATE @webhook_deliveries d SET due_at = NULL
    WHERE d.endpoint_id = of_endpoint AND d.line = of_line AND d.status = 'pending' AND d.seq <> first
      AND d.due_at IS NOT NULL;
    UPDATE @webhook_deliveries d SET due_at = d.next_attempt_at WHERE d.seq = first;
  END $$;

  -- Appends events, and a delivery of each for every endpoint that wants it. An account without endpoints pays one look
  -- into an index. Events that name no license are about the one given.
  CREATE FUNCTION @store_events(of_account text, planned json, about text) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    event @events;
    endpoint record;
    delivery text;
    line text;
  BEGIN
    FOR event IN SELECT * FROM json_populate_recordset(NULL::@events, planned) LOOP
      event.license_id := coalesce(event.license_id, about);
      INSERT INTO @events (account_id, id, type, at, actor_id, actor_address, license_id, data)
      VALUES (of_account, event.id, event.type, event.at, event.actor_id, event.actor_address, event.license_id, event.data)
      RETURNING seq INTO event.seq;

      FOR endpoint IN
        SELECT w.id FROM @webhook_endpoints w
        WHERE w.account_id = of_account AND w.active AND (w.event_types IS NULL OR event.type = ANY (w.event_types))
        ORDER BY w.seq
      LOOP
        delivery := event.id || '.' || endpoint.id;
        -- What is about no license waits for nothing: it is a line of its own.
        line := coalesce(event.license_id, delivery);
        PERFORM @lock_line(endpoint.id, line);
        INSERT INTO @webhook_deliveries (endpoint_id, event_seq, id, line, status, attempts, next_attempt_at, due_at)
        VALUES (endpoint.id, event.seq, delivery, line, 'pending', 0, event.at,
          CASE WHEN @first_in_line(endpoint.id, line) IS NULL THEN event.at END);
      END LOOP;
    END LOOP;
  END $$;

  -- What a step ends with: the events of its outcome, and its idempotency record.
  CREATE FUNCTION @end_step(of_account text, instant bigint, step json, kind text, about text, outcome text)
  RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF step->'events'->kind IS NOT NULL THEN
      PERFORM @store_events(of_account, step->'events'->kind, about);
    END IF;
    IF step->'idempotency' IS NOT NULL THEN
      PERFORM @store_outcome(of_account, instant, step->'idempotency', outcome);
    END IF;
  END $$;
`
