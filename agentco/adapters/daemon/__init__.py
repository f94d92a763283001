"""Who runs the company, on which machine: the daemon's seat, its log, the files it watches."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
