"""What the house asks of the outside world, and the values that cross that line."""
