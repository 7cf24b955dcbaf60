SELECT bank_account, container, owner, currency, minor FROM account_view ORDER BY bank_account;
