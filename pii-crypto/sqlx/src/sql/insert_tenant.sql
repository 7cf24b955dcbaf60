INSERT INTO pii_tenant (tenant, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING;
