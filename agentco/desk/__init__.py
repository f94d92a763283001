"""What a founder can do, as functions: values in, values out; knows no terminal."""
