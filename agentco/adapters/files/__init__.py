"""The company's files, the memory, the board, locks and what the user's trust file holds."""
