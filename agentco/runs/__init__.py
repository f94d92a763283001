"""A piece of work as data: the standup's facts, the day plan, schedules and deadlines."""
