SELECT sequence, body FROM pii_receipt WHERE tenant = ?1 AND sequence > ?2 ORDER BY sequence;
