/**
 * The verbs that take and free slots and seats. Each locks the license's row first and decides on what it reads after:
 * in READ COMMITTED every statement of a function sees what was committed before it began, so what is read under the
 * lock is what is true. ("One statement" would not do: its snapshot is older than the lock it waits for.)
 */
export const CLAIM_FUNCTIONS = `
  -- "isProven" of the domain. Of no activation at all it is true.
  CREATE FUNCTION @is_proven(activation @activations, args json) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT activation.proof_key IS NULL OR coalesce(args->>'trusted' = 'true', false)
      OR coalesce(args->>'proofKey' = activation.proof_key, false)
  $$;

  -- "lacksProof" of the domain.
  CREATE FUNCTION @lacks_proof(product @products, activation @activations, args json) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
    SELECT args->>'trusted' IS DISTINCT FROM 'true' AND args->>'proofKey' IS NULL
      AND (product.require_proof OR (activation.surrendered_at IS NULL AND NOT @is_proven(activation, args)))
  $$;

  -- "takeoverOf" of the domain; null where all stays as it is, and where there is no activation.
  CREATE FUNCTION @takeover_of(activation @activations, args json) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
      WHEN activation.host_id <> args->>'hostId' THEN 'moved'
      WHEN activation.surrendered_at IS NOT NULL THEN 'resumed'
      WHEN activation.id IS NOT NULL AND args->>'proofKey' IS NOT NULL
        AND args->>'proofKey' IS DISTINCT FROM activation.proof_key THEN 'rebound'
    END
  $$;

  -- What a claim is decided on. Each is null where it is not there. The activation is the host's own, or the one that
  -- moves to it: "findHeld" of the domain.
  CREATE TYPE @claim_rows AS (license @licenses, product @products, customer @customers, activation @activations);

  CREATE FUNCTION @read_claim(license @licenses, args json) RETURNS @claim_rows LANGUAGE plpgsql STABLE AS $$
  DECLARE
    rows @claim_rows;
    product @products;
    customer @customers;
    activation @activations;
  BEGIN
    SELECT * INTO product FROM @products p WHERE p.id = args->>'productId';
    IF license.customer_id IS NOT NULL THEN
      SELECT * INTO customer FROM @customers c WHERE c.id = license.customer_id;
    END IF;
    SELECT * INTO activation FROM @activations a WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId';
    IF NOT FOUND AND args->'previousHostIds' IS NOT NULL THEN
      SELECT a.* INTO activation
      FROM json_array_elements_text(args->'previousHostIds') WITH ORDINALITY AS previous (host_id, place)
      JOIN @activations a ON a.license_seq = license.seq AND a.host_id = previous.host_id
      -- A slot that rests is its own host's only, one bound to a key its holder's.
      WHERE a.surrendered_at IS NULL AND @is_proven(a, args)
      ORDER BY previous.place LIMIT 1;
    END IF;
    rows.license := license;
    rows.product := product;
    rows.customer := customer;
    rows.activation := activation;
    RETURN rows;
  END $$;

  -- Why a claim is refused, null when it is not.
  CREATE FUNCTION @refuse_claim(rows @claim_rows, of_account text, args json, instant bigint) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
      WHEN NOT @is_sold_for(rows.license, rows.product, of_account) THEN 'gone'
      ELSE coalesce(@refuse_license(rows.license, rows.customer, instant), CASE
        WHEN (rows.license).type <> 'node-locked' THEN 'wrong-type'
        WHEN NOT args->>'hostId' = ANY ((rows.license).allowed_hosts) THEN 'host-not-allowed'
        WHEN @lacks_proof(rows.product, rows.activation, args) THEN 'proof-required'
        WHEN (rows.activation).id IS NOT NULL THEN
          CASE WHEN (rows.activation).expires_at <= instant THEN 'expired' END
        WHEN (rows.license).activation_count >= (rows.license).max_activations THEN 'limit-reached'
      END)
    END
  $$;

  CREATE FUNCTION @claim_outcome(kind text, rows @claim_rows, previous_host text DEFAULT NULL) RETURNS json
  LANGUAGE sql STABLE AS $$
    SELECT json_build_object('kind', kind, 'license', rows.license, 'product', rows.product,
      'customer', CASE WHEN (rows.customer).id IS NOT NULL THEN rows.customer END,
      'activation', CASE WHEN (rows.activation).id IS NOT NULL THEN rows.activation END,
      'previousHostId', previous_host)
  $$;

  -- A function rather than a query, for its plans are kept: this is what every validation asks.
  CREATE FUNCTION @find_activation(of_account text, args json) RETURNS json LANGUAGE plpgsql STABLE AS $$
  DECLARE
    license @licenses;
    rows @claim_rows;
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey' AND l.account_id = of_account;
    rows := @read_claim(license, args);
    IF license.id IS NULL OR ((rows.product).active AND (rows.product).account_id = of_account) IS NOT TRUE THEN
      RETURN '{"kind": "gone"}';
    ELSIF NOT @is_sold_for(license, rows.product, of_account) THEN
      RETURN '{"kind": "wrong-product"}';
    END IF;
    RETURN @claim_outcome('found', rows);
  END $$;

  -- The answer to a claim that writes nothing: a host that holds its slot and was seen lately, a refusal. What it leaves
  -- open is null, and is decided again under the lock.
  CREATE FUNCTION @claim_by_reading(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql STABLE AS $$
  DECLARE
    license @licenses;
    rows @claim_rows;
    refusal text;
  BEGIN
    -- A cheap look first, so that a claim of a free slot does not read everything twice.
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey';
    IF (license.blocked OR license.expires_at <= instant OR license.activation_count >= license.max_activations)
      IS NOT TRUE AND NOT EXISTS (
        SELECT FROM @activations a WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId')
    THEN
      RETURN NULL;
    END IF;
    rows := @read_claim(license, args);
    refusal := @refuse_claim(rows, of_account, args, instant);
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;
    IF (rows.activation).id IS NOT NULL AND @takeover_of(rows.activation, args) IS NULL
      AND instant - (rows.activation).last_seen_at < (args->>'staleAfterMs')::bigint
    THEN
      RETURN @claim_outcome('existing', rows);
    END IF;
    RETURN NULL;
  END $$;

  CREATE FUNCTION @claim_activation(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses;
    rows @claim_rows;
    refusal text;
    started @activations;
    tokens_end bigint;
    takeover text;
    held_by text;
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey' FOR NO KEY UPDATE;
    rows := @read_claim(license, args);
    refusal := @refuse_claim(rows, of_account, args, instant);
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;

    -- "lastTokenUse" of the domain.
    tokens_end := instant + (args->>'tokenMarginMs')::bigint
      + ((rows.product).offline_lifetime_seconds + (rows.product).grace_seconds) * 1000;

    started := json_populate_record(NULL::@activations, args->'activation');
    takeover := @takeover_of(rows.activation, args);
    IF takeover IS NOT NULL THEN
      -- "takeOver" of the domain.
      held_by := (rows.activation).host_id;
      PERFORM @revoke(license, held_by, instant);
      UPDATE @activations a
      SET host_id = started.host_id, device_tag = coalesce(started.device_tag, a.device_tag),
        address = coalesce(started.address, a.address), app_version = coalesce(started.app_version, a.app_version),
        licensee = coalesce(started.licensee, a.licensee), jti = started.jti,
        last_seen_at = greatest(a.last_seen_at, instant), tokens_end_at = tokens_end,
        proof_key = coalesce(started.proof_key, CASE WHEN a.surrendered_at IS NULL THEN a.proof_key END),
        surrendered_at = NULL
      WHERE a.license_seq = license.seq AND a.host_id = held_by RETURNING * INTO started;
      rows.activation := started;
      RETURN @claim_outcome(takeover, rows, held_by);
    ELSIF (rows.activation).id IS NOT NULL THEN
      IF instant - (rows.activation).last_seen_at >= (args->>'staleAfterMs')::bigint THEN
        UPDATE @activations a
        SET last_seen_at = greatest(a.last_seen_at, instant), tokens_end_at = greatest(a.tokens_end_at, tokens_end)
        WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId' RETURNING * INTO started;
        rows.activation := started;
      END IF;
      RETURN @claim_outcome('existing', rows);
    END IF;

    -- The guard says no more than the rule has just said: it is there should the two ever part.
    UPDATE @licenses l SET activation_count = l.activation_count + 1
    WHERE l.seq = license.seq AND (l.max_activations IS NULL OR l.activation_count < l.max_activations)
    RETURNING * INTO license;
    IF NOT FOUND THEN
      RETURN '{"kind": "limit-reached"}';
    END IF;
    started.license_seq := license.seq;
    started.tokens_end_at := tokens_end;
    started.activated_at := instant;
    started.last_seen_at := instant;
    IF license.activation_duration IS NOT NULL THEN
      -- Never later than the license itself.
      started.expires_at := least(@add_duration(instant, license.activation_duration), license.expires_at);
    END IF;
    INSERT INTO @activations SELECT started.*;
    rows.license := license;
    rows.activation := started;
    RETURN @claim_outcome('created', rows);
  END $$;

  -- The license a release is about, locked; all null where it is not sold for the product.
  CREATE FUNCTION @lock_sold(of_account text, args json) RETURNS @licenses LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses;
    product @products;
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.canonical_key = args->>'canonicalKey' FOR NO KEY UPDATE;
    SELECT * INTO product FROM @products p WHERE p.id = args->>'productId';
    IF NOT @is_sold_for(license, product, of_account) THEN
      license := NULL;
    END IF;
    RETURN license;
  END $$;

  -- "refuseRelease" of the domain; null where nothing stands against it.
  CREATE FUNCTION @refuse_release(activation @activations, args json) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
      WHEN activation.id IS NULL THEN 'not-active'
      WHEN activation.surrendered_at IS NOT NULL AND args->>'trusted' IS DISTINCT FROM 'true' THEN 'not-active'
      WHEN NOT @is_proven(activation, args) THEN 'proof-required'
    END
  $$;

  CREATE FUNCTION @release_activation(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses := @lock_sold(of_account, args);
    released @activations;
    refusal text;
  BEGIN
    IF license.id IS NULL THEN
      RETURN '{"kind": "gone"}';
    ELSIF license.blocked THEN
      RETURN '{"kind": "blocked"}';
    END IF;
    -- Locked: whoever notes that a host was seen does not lock its license.
    SELECT * INTO released FROM @activations a WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId'
    FOR UPDATE;
    refusal := @refuse_release(released, args);
    IF refusal IS NOT NULL THEN
      RETURN json_build_object('kind', refusal);
    END IF;
    PERFORM @revoke(license, args->>'hostId', instant);
    IF args->>'surrender' = 'true' THEN
      -- "surrenderActivation" of the domain.
      UPDATE @activations a SET surrendered_at = instant
      WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId' RETURNING * INTO released;
      RETURN json_build_object('kind', 'surrendered', 'license', license, 'activation', released);
    END IF;
    DELETE FROM @activations a WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId';
    UPDATE @licenses l SET activation_count = l.activation_count - 1 WHERE l.seq = license.seq RETURNING * INTO license;
    RETURN json_build_object('kind', 'released', 'license', license, 'activation', released);
  END $$;

  -- "isUnseen" of the domain, asked of the locked row: whoever notes that a host was seen does not lock its license.
  CREATE FUNCTION @release_unseen(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses;
    released @activations;
  BEGIN
    SELECT * INTO license FROM @licenses l WHERE l.id = args->>'licenseId' AND l.account_id = of_account
    FOR NO KEY UPDATE;
    PERFORM FROM @activations a
    WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId'
      AND a.last_seen_at <= (args->>'lastSeenBy')::bigint AND a.tokens_end_at <= (args->>'tokensEndedBy')::bigint
    FOR UPDATE;
    IF NOT FOUND THEN
      RETURN '{"kind": "kept"}';
    END IF;
    PERFORM @revoke(license, args->>'hostId', instant);
    DELETE FROM @activations a WHERE a.license_seq = license.seq AND a.host_id = args->>'hostId' RETURNING * INTO released;
    UPDATE @licenses l SET activation_count = l.activation_count - 1 WHERE l.seq = license.seq RETURNING * INTO license;
    RETURN json_build_object('kind', 'released', 'license', license, 'activation', released);
  END $$;

  CREATE FUNCTION @release_all_activations(of_account text, instant bigint, args json) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    license @licenses := @lock_sold(of_account, args);
    released bigint;
  BEGIN
    IF license.id IS NULL THEN
      RETURN '{"kind": "gone"}';
    ELSIF license.blocked THEN
      RETURN '{"kind": "blocked"}';
    END IF;
    PERFORM @revoke(license, NULL, instant);
    DELETE FROM @activations a WHERE a.license_seq = license.seq;
    GET DIAGNOSTICS released = ROW_COUNT;
    UPDATE @licenses l SET activation_count = 0 WHERE l.seq = license.seq RETURNING * INTO license;
    RETURN json_build_object('kind', 'released', 'license', license, 'count', released);
  END $$;
`
