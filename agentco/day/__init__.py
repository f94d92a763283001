"""The founder's day: facts, plan, report, deadlines, schedules."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
