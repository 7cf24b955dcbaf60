SELECT operation, fingerprint, state, epoch, owner, expires_at, answer
FROM idempotency WHERE day = ?1 AND address = ?2;
