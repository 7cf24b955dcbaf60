SELECT version, body FROM pii_subject WHERE tenant = ?1 AND subject = ?2;
