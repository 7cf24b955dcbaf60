INSERT INTO audit (tenant_id, scope_id, account_id, entry) VALUES (?1, ?2, ?3, ?4);
