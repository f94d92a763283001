"""What the state and the files come to, for the founder: inbox, notices, stories, the standup."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
