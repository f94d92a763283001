"""What every room may use: errors, characters, names, words, data that ships beside the code."""
