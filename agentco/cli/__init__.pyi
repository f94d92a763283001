from agentco.cli.command_table import (
    COMMAND_GROUPS as COMMAND_GROUPS,
    COMMANDS as COMMANDS,
)
from agentco.cli.live_draft import LiveDraft as LiveDraft
from agentco.cli.main import app as app, hoist_company_option as hoist_company_option
from agentco.cli.outcome_screen import print_outcome as print_outcome
