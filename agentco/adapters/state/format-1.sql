CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Prompts, answers, results: by the sha256 of their bytes, so that what is the same is stored once.
CREATE TABLE bodies (hash TEXT PRIMARY KEY, at TEXT NOT NULL, data BLOB NOT NULL) STRICT;

CREATE INDEX bodies_by_age ON bodies (at);

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  root TEXT NOT NULL,
  parent TEXT,
  agent TEXT NOT NULL,
  prompt TEXT NOT NULL,
  title TEXT NOT NULL,
  phase TEXT NOT NULL,
  started TEXT NOT NULL,
  ended TEXT,
  cap INTEGER,              -- micro-dollars for the run and its children, of roots only
  driver TEXT,              -- the lock of the process that drives it, of roots only
  cancel TEXT,              -- why the founder wants it to end
  asked TEXT NOT NULL,      -- the body of what it was asked
  base TEXT NOT NULL,       -- the body that begins what it was asked
  head BLOB NOT NULL
) STRICT;
CREATE INDEX runs_by_root ON runs (root);
CREATE INDEX runs_by_start ON runs (started);

CREATE TABLE effects (
  run TEXT NOT NULL,
  number INTEGER NOT NULL,
  root TEXT NOT NULL,
  agent TEXT NOT NULL,
  state TEXT NOT NULL,      -- todo, held, parked, started, sent, done, in-doubt, settled
  wanted BLOB NOT NULL,
  image BLOB,               -- what a file is before and after
  ruling TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  reserved INTEGER NOT NULL DEFAULT 0,
  day TEXT NOT NULL DEFAULT '',
  driver TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  expires TEXT,
  result TEXT,              -- the body of the event that came of it
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX effects_by_root ON effects (root, state);
CREATE INDEX effects_sent ON effects (day, reserved) WHERE state = 'sent';

-- One row for each call that was paid or may have been; what was taken back is a row below zero.
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  day TEXT NOT NULL,
  root TEXT NOT NULL,
  run TEXT NOT NULL,
  effect INTEGER NOT NULL,
  agent TEXT NOT NULL,
  prompt TEXT NOT NULL,
  model TEXT NOT NULL,
  calls INTEGER NOT NULL,
  usd INTEGER NOT NULL,
  input INTEGER,
  output INTEGER,
  in_doubt INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ledger_by_day ON ledger (day);
CREATE INDEX ledger_by_root ON ledger (root);

CREATE TABLE spent (scope TEXT PRIMARY KEY, usd INTEGER NOT NULL) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  effect INTEGER NOT NULL,
  line BLOB NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_run ON audit (run, effect);

CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  agent TEXT NOT NULL,
  what TEXT NOT NULL,
  action BLOB NOT NULL,
  at TEXT NOT NULL,
  expires TEXT NOT NULL,
  state TEXT NOT NULL       -- open, approving, approved, denied
) STRICT;

CREATE TABLE halts (scope TEXT PRIMARY KEY, since TEXT NOT NULL, by TEXT NOT NULL) STRICT;

-- What the provider counted last: tokens of so many bytes.
CREATE TABLE counts (model TEXT PRIMARY KEY, bytes INTEGER NOT NULL, tokens INTEGER NOT NULL) STRICT;
