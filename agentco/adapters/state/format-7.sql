-- How many tokens a model took of a prompt, where its server said another number, or none.
CREATE TABLE IF NOT EXISTS learned_contexts (
  model TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL,
  sent INTEGER NOT NULL,     -- about how many the prompt had
  claimed INTEGER NOT NULL,  -- how many it was said to take then
  at TEXT NOT NULL
) STRICT;
