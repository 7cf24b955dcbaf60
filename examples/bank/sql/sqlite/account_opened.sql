INSERT INTO account_view (bank_account, container, owner, currency, minor) VALUES (?1, ?2, ?3, ?4, 0);
