-- Wrapped keys and receipts. Every body is opaque here: the vault authenticates each with its place and version.
CREATE TABLE IF NOT EXISTS pii_tenant (
  tenant TEXT NOT NULL PRIMARY KEY,
  body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pii_subject (
  tenant  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  body    BLOB    NOT NULL CHECK (length(body) <= 65536),
  PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pii_receipt (
  tenant   TEXT    NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  body     BLOB    NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT, WITHOUT ROWID;

-- Tables of these names and of another layout are not ours.
SELECT tenant, body FROM pii_tenant LIMIT 0;
SELECT tenant, subject, version, body FROM pii_subject LIMIT 0;
SELECT tenant, sequence, body FROM pii_receipt LIMIT 0;
