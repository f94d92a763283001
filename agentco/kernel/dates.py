"""The years that the calendar of a company can bear."""

EARLIEST, LATEST = 1900, 2199
