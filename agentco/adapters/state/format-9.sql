-- The versions of files that runs wrote.
CREATE TABLE IF NOT EXISTS written_files (
  number INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  before TEXT NOT NULL,      -- sha256 of what stood there; empty for nothing
  after TEXT NOT NULL,       -- sha256 of what was written
  kept TEXT NOT NULL,        -- where the version before lies now; empty for nowhere
  run TEXT NOT NULL,
  root TEXT NOT NULL,
  effect INTEGER NOT NULL,   -- 0: the founder's own --out
  agent TEXT NOT NULL,
  prompt TEXT NOT NULL,      -- of the root; empty for none
  at TEXT NOT NULL,
  UNIQUE (run, effect, path)
) STRICT;
CREATE INDEX IF NOT EXISTS written_files_by_path ON written_files (path);
CREATE INDEX IF NOT EXISTS written_files_by_root ON written_files (root);
CREATE INDEX IF NOT EXISTS written_files_by_time ON written_files (at);
