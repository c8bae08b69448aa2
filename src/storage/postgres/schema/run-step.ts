/** The one way the claiming verbs run: settings, idempotency record, verb, events and record, in one round trip. */
export const RUN_STEP = `
  -- Returns {outcome, replayed?} or {mismatch: true}.
  CREATE FUNCTION @run_step(verb text, of_account text, instant bigint, args json, step json, lock_timeout_ms bigint)
  RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    outcome json;
  BEGIN
    PERFORM @begin_step(lock_timeout_ms);
    IF step->'idempotency' IS NOT NULL THEN
      outcome := @find_outcome(of_account, instant, step->'idempotency');
      IF outcome IS NOT NULL THEN
        RETURN outcome;
      END IF;
    ELSE
      outcome := CASE verb
        WHEN 'claim_activation' THEN @claim_by_reading(of_account, instant, args)
        WHEN 'claim_session' THEN @checkout_by_reading(of_account, instant, args)
      END;
      -- What is settled without a write, and leaves no event, needs no lock.
      IF outcome IS NOT NULL AND step->'events'->(outcome->>'kind') IS NULL THEN
        RETURN json_build_object('outcome', outcome);
      END IF;
    END IF;

    outcome := CASE verb
      WHEN 'claim_activation' THEN @claim_activation(of_account, instant, args)
      WHEN 'release_activation' THEN @release_activation(of_account, instant, args)
      WHEN 'release_all_activations' THEN @release_all_activations(of_account, instant, args)
      WHEN 'release_unseen' THEN @release_unseen(of_account, instant, args)
      WHEN 'claim_session' THEN @claim_session(of_account, instant, args)
      WHEN 'renew_session' THEN @renew_session(of_account, instant, args)
      WHEN 'release_session' THEN @release_session(of_account, instant, args)
    END;
    PERFORM @end_step(of_account, instant, step, outcome->>'kind', outcome->'license'->>'id', outcome::text);
    RETURN json_build_object('outcome', outcome);
  END $$;
`
