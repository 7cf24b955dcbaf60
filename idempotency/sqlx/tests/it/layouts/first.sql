-- The table as the first version made it.
CREATE TABLE IF NOT EXISTS idempotency (
  day         INTEGER NOT NULL,
  address     BLOB    NOT NULL CHECK (length(address) = 32),
  tenant      BLOB,
  operation   TEXT    NOT NULL,
  fingerprint BLOB    NOT NULL,
  mode        INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  owner       BLOB    NOT NULL,
  lease_until INTEGER,
  expires_at  INTEGER NOT NULL,
  checkpoint  BLOB,
  answer      BLOB,
  UNIQUE (day, address)
) STRICT;

CREATE INDEX IF NOT EXISTS idempotency_expires_at ON idempotency (expires_at);
