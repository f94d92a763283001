"""The tables of the SQLite state: a module and a file of named statements for each group."""
