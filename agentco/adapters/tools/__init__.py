"""What agents do inside the company, each tool once."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
