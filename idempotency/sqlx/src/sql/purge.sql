-- Past its retention, and not running under a lease that is not over. What is told to be in doubt is so for ever now.
DELETE FROM idempotency WHERE rowid IN (
  SELECT rowid FROM idempotency
  WHERE expires_at <= ?1 AND (state <> 1 OR lease_until <= ?1 OR lease_until = 9223372036854775807)
  ORDER BY expires_at LIMIT ?2)
RETURNING state = 3;
