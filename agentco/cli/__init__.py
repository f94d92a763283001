"""The command line: arguments in, screens and documents out."""
