"""A one-person company whose departments are AI agents."""

__version__ = "0.1.0"
