UPDATE pii_subject SET version = version + 1, body = ?3 WHERE tenant = ?1 AND subject = ?2 AND version = ?4;
