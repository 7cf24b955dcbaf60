-- The log of one tenant, and what is committed together with it.
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY CHECK (position > 0),      -- gapless, taken in the appending transaction
  stream   TEXT    NOT NULL CHECK (stream <> ''),
  version  INTEGER NOT NULL CHECK (version > 0),
  id       TEXT    NOT NULL UNIQUE,
  body     TEXT    NOT NULL,                              -- the envelope as JSON, without position and version
  UNIQUE (stream, version)
) STRICT;

CREATE TABLE IF NOT EXISTS checkpoint (
  consumer TEXT    NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS audit (
  seq        INTEGER PRIMARY KEY CHECK (seq > 0),         -- never shown: it counts what others did, too
  mark       TEXT    NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),  -- names the place instead
  tenant_id  BLOB    NOT NULL,
  scope_id   BLOB    NOT NULL,                            -- where one must be allowed to read it; the root if nowhere
  account_id BLOB,                                        -- whose own it is, if anybody was known
  entry      TEXT    NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS audit_scope ON audit (tenant_id, scope_id, seq);
CREATE INDEX IF NOT EXISTS audit_account ON audit (account_id, seq);
