-- One statement, always one row, whoever was first. A record past its retention makes room: its key is refused by
-- the window long before. A claim by its own owner finds itself again.
INSERT INTO idempotency AS held
  (day, address, tenant, operation, fingerprint, mode, state, epoch, owner, lease_until, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 1, ?7, 9223372036854775807, ?8)
ON CONFLICT (day, address) DO UPDATE SET
  operation   = iif(held.expires_at <= ?9, excluded.operation, held.operation),
  fingerprint = iif(held.expires_at <= ?9, excluded.fingerprint, held.fingerprint),
  mode        = iif(held.expires_at <= ?9, excluded.mode, held.mode),
  state       = iif(held.expires_at <= ?9, 1, held.state),
  epoch       = iif(held.expires_at <= ?9, held.epoch + 1, held.epoch),
  owner       = iif(held.expires_at <= ?9, excluded.owner, held.owner),
  lease_until = iif(held.expires_at <= ?9, excluded.lease_until, held.lease_until),
  answer      = iif(held.expires_at <= ?9, NULL, held.answer),
  expires_at  = iif(held.expires_at <= ?9, excluded.expires_at, held.expires_at)
RETURNING operation, fingerprint, state, epoch, owner, expires_at, answer;
