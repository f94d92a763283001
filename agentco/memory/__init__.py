"""What the company knows: lines, the graph they make, retention, search."""
