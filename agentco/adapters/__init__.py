"""The outside world behind ports: files, the state, models, tools, the clock."""
