"""Who works here: roles, skills, prompts, instructions, settings; all clashes and gaps."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
