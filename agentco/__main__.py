"""`python -m agentco` is `agentco`."""

from agentco.edges.cli.main import run

if __name__ == "__main__":
    run()
