SELECT sequence, body FROM pii_receipt WHERE tenant = ?1 ORDER BY sequence DESC LIMIT 1;
