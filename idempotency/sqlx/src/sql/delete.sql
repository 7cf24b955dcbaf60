DELETE FROM idempotency WHERE day = ?1 AND address = ?2;
