"""The only place where effects happen, through ports."""
