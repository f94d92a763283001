"""The state of all runs: one SQLite file, and what can be read and written of it."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
