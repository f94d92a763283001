from agentco.adapters.plans.claude_code_client import (
    ClaudeCodeClient as ClaudeCodeClient,
)
from agentco.adapters.plans.plan_programs import find_program as find_program
