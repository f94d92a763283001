"""Lessons turned into proposed changes to the company's own files."""
