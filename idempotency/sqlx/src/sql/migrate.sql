-- state: 1 running, 2 done, 3 unknown, 4 released. mode: 1 transactional, 2 resumable, 3 at most once. Times are
-- milliseconds since 1970. lease_until: until when a running one is held, the greatest integer if by the log; since when
-- an unknown one is in doubt; else nothing. checkpoint is not used yet. A rowid table: smaller here than without.
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

-- Whoever runs here is in doubt once the lease is over; nothing else is in this index.
CREATE INDEX IF NOT EXISTS idempotency_lease_until ON idempotency (lease_until) WHERE state = 1 AND mode <> 2;
