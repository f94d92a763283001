"""The founder's day: facts, plan, report, deadlines, schedules."""
