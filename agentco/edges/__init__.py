"""Where the company meets the world; no decisions."""
