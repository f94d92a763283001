from agentco.figures.named_numbers import is_named as is_named
