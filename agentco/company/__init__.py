"""Who works here: roles, skills, prompts, instructions, settings; all clashes and gaps."""
