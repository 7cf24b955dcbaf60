-- lease_until stays: it is since when nobody knows.
UPDATE idempotency SET state = 3 WHERE rowid IN (
  SELECT rowid FROM idempotency WHERE state = 1 AND mode <> 2 AND lease_until <= ?1 ORDER BY lease_until LIMIT ?2);
