"""Who works here: roles, skills, prompts, instructions, settings; every clash and gap in one list."""
