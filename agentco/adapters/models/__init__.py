"""How models are asked: one module for each way of speaking to them."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
