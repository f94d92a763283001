"""What the state and the files come to, for the founder: inbox, notices, stories, the standup."""
