"""How the files of a company are written: text, headers, YAML, JSON, amounts; what is broken."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
