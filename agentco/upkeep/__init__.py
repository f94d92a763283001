"""Looking after a company: its files, settings, trust and models; no work is done here."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
