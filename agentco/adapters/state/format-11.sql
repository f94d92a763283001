-- What files were before runs changed them, and what was taken back of runs.
CREATE TABLE IF NOT EXISTS kept_versions (
  hash TEXT PRIMARY KEY,     -- sha256 of the bytes
  at TEXT NOT NULL,          -- when it was last kept
  size INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS undos (
  name TEXT PRIMARY KEY,
  of TEXT NOT NULL,          -- the run or the undo that it takes back
  at TEXT NOT NULL,
  done INTEGER NOT NULL,     -- 0: begun
  files BLOB NOT NULL        -- the versions it writes, as JSON
) STRICT;
