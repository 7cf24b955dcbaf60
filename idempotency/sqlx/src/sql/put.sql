-- What a record is after a verb. The transaction has read what it was before, and nobody else writes meanwhile.
INSERT INTO idempotency
  (day, address, tenant, operation, fingerprint, mode, state, epoch, owner, lease_until, expires_at, answer)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (day, address) DO UPDATE SET
  operation   = excluded.operation,
  fingerprint = excluded.fingerprint,
  mode        = excluded.mode,
  state       = excluded.state,
  epoch       = excluded.epoch,
  owner       = excluded.owner,
  lease_until = excluded.lease_until,
  expires_at  = excluded.expires_at,
  answer      = excluded.answer;
