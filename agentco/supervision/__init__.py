"""What happens when an agent hangs, loops, crashes or overspends."""
