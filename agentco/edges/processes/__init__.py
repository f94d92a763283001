"""The processes of `agentco up`: each root run in one of its own, forked from a small server that watches them all."""
