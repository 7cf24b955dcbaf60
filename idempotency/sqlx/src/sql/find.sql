SELECT operation, fingerprint, mode, state, epoch, owner, lease_until, expires_at, answer
FROM idempotency WHERE day = ?1 AND address = ?2;
