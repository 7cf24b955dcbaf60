-- What queries read. Everything here can be made again from the log.
CREATE TABLE IF NOT EXISTS account_view (
  bank_account TEXT    NOT NULL PRIMARY KEY,
  container    TEXT    NOT NULL,
  owner        TEXT    NOT NULL,
  currency     TEXT    NOT NULL,
  minor        INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS customer_view (
  customer  TEXT NOT NULL PRIMARY KEY,
  container TEXT NOT NULL,
  country   TEXT NOT NULL,
  name      TEXT NOT NULL                                 -- sealed: readable while the customer's key exists
) STRICT;

CREATE TABLE IF NOT EXISTS usage_view (
  container TEXT    NOT NULL,                             -- where it was used: no move changes that
  meter     TEXT    NOT NULL,
  units     INTEGER NOT NULL,
  PRIMARY KEY (container, meter)
) STRICT, WITHOUT ROWID;
