"""The company's files, the memory, the board, locks and what the user's trust file holds."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
