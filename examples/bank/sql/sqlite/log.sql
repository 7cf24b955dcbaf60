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
  seq   INTEGER PRIMARY KEY CHECK (seq > 0),
  entry TEXT NOT NULL
) STRICT;
