/**
 * The rules of `domain/license.ts`, `domain/activation.ts` and `domain/calendar.ts`, where the rows are: deciding in the
 * database is what makes a claim one round trip. The conformance kit holds them to the rules in TypeScript.
 */
export const LICENSE_FUNCTIONS = `
  -- Months and years follow the calendar in UTC; where the day does not exist, the month's last one.
  CREATE FUNCTION @add_duration(from_ms bigint, duration json) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
  DECLARE
    amount bigint := (duration->>'amount')::bigint;
    unit text := duration->>'unit';
    days integer := floor(from_ms / 86400000.0);
  BEGIN
    IF unit IN ('month', 'year') THEN
      RETURN ((date '1970-01-01' + days + make_interval(months => (amount * CASE unit WHEN 'year' THEN 12 ELSE 1 END)::int))::date
        - date '1970-01-01')::bigint * 86400000 + (from_ms - days * 86400000::bigint);
    END IF;
    RETURN from_ms + amount * CASE unit WHEN 'hour' THEN 3600000 WHEN 'day' THEN 86400000 ELSE 604800000 END;
  END $$;

  -- Why a license does not serve, whatever the host; null when it does.
  CREATE FUNCTION @refuse_license(license @licenses, customer @customers, instant bigint) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
      WHEN license.blocked THEN 'blocked'
      WHEN license.expires_at <= instant THEN 'expired'
      WHEN customer.active = false THEN 'customer-inactive'
    END
  $$;

  CREATE FUNCTION @is_sold_for(license @licenses, product @products, of_account text) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(product.active AND product.account_id = of_account AND license.account_id = of_account
      AND product.id = ANY (license.product_ids), false)
  $$;

  -- Puts the token ids of a license's activations, or of one of them, on the revocation list, before the rows go or
  -- change. Tokens that have ended by themselves need no entry. "tokenId" of the domain says how the id is built.
  CREATE FUNCTION @revoke(license @licenses, of_host text, instant bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO @revocations (tokens_end_at, token_id)
    SELECT a.tokens_end_at, a.jti || '.' || license.token_generation FROM @activations a
    WHERE a.license_seq = license.seq AND (of_host IS NULL OR a.host_id = of_host) AND a.tokens_end_at > instant
    ON CONFLICT DO NOTHING
  $$;
`
