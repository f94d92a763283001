-- Which model does not answer: until when it is skipped, and why.
CREATE TABLE health (model TEXT PRIMARY KEY, failures INTEGER NOT NULL, until TEXT NOT NULL, why TEXT NOT NULL) STRICT;

-- One row for each time that a scheduled prompt came due; whoever writes it first runs it.
CREATE TABLE ticks (
  job TEXT NOT NULL,
  slot TEXT NOT NULL,       -- the local time that it was due at, with its offset
  at TEXT NOT NULL,
  outcome TEXT NOT NULL,    -- taken, run, skipped, missed, failed
  run TEXT,                 -- the root run that came of it
  why TEXT NOT NULL DEFAULT '',  -- of what was taken or run: the driver, and the fingerprint of the news
  PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticks_by_run ON ticks (run);

-- When the founder was last told of what.
CREATE TABLE notices (key TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;

-- Departments that may only read until the founder lifts it.
CREATE TABLE restricted (agent TEXT PRIMARY KEY, since TEXT NOT NULL, why TEXT NOT NULL) STRICT;
