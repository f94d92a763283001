"""What agents do inside the company, each tool once."""
