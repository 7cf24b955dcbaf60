-- A record past its retention counts as absent, purged or not.
UPDATE idempotency SET state = 2, answer = ?3, lease_until = NULL
WHERE day = ?1 AND address = ?2 AND state = 1 AND lease_until = 9223372036854775807 AND expires_at > ?4;
