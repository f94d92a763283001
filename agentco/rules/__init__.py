"""What may happen by itself, what needs the founder, what never."""
