-- What a model counted, beside the estimate of the same prompt. It was kept beside its bytes before.
CREATE TABLE IF NOT EXISTS token_counts (model TEXT PRIMARY KEY, estimate INTEGER NOT NULL, tokens INTEGER NOT NULL) STRICT;
DROP TABLE IF EXISTS counts;
