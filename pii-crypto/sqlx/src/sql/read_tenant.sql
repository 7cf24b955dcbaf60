SELECT body FROM pii_tenant WHERE tenant = ?1;
