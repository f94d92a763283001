"""Exact sums, shares and dates, each with how it came about."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
