"""What a model's answer says, in every dialect: its end, its thoughts, its calls and its counts."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
