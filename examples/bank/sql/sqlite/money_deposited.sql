UPDATE account_view SET minor = minor + ?2 WHERE bank_account = ?1;
