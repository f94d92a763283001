"""The state of all runs: one SQLite file, and what can be read and written of it."""
