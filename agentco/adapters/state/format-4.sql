-- A line with a figure that an agent wrote, by its fingerprint; the lowest number is the oldest.
CREATE TABLE IF NOT EXISTS agent_lines (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE) STRICT;
