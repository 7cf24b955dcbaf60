-- Without an index, which every key would pay for: it reads the whole table, once in the life of a tenant.
DELETE FROM idempotency WHERE tenant = ?1;
