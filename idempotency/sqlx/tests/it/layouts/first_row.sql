-- A row as the first version wrote it: transactional, of the first grant.
INSERT INTO idempotency
  (day, address, tenant, operation, fingerprint, mode, state, epoch, owner, lease_until, expires_at, answer)
VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, 1, ?7, ?8, ?9, ?10);
