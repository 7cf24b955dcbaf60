SELECT minor, currency FROM account_view WHERE bank_account = ?1;
