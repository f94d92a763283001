-- The sum over the rows of each table, so that what was changed past agentco is found.
CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, sum TEXT NOT NULL) STRICT;
