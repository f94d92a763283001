"""What stays up: the tree, run processes, the watch over files."""
