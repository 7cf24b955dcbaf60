INSERT INTO pii_subject (tenant, subject, version, body) VALUES (?1, ?2, 1, ?3) ON CONFLICT DO NOTHING;
