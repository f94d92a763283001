"""What a model is told: the prompt, the conversation so far, and what a child run is asked."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
