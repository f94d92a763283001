"""What a text that leaves the company may say: its claims, figures, links and voice."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
