"""The years that the calendar of a company can bear."""

EARLIEST = 1900
LATEST = 2199
