"""Permission rules: how they are written, what they match, and the one ruling on an act."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
