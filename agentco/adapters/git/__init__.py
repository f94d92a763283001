"""A company's git repository, read without git: its files, what it ignores, what it tracks."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
