from agentco.judging.text_units import split_units as split_units
