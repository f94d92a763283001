from agentco.cli.command_table import (
    COMMAND_GROUPS as COMMAND_GROUPS,
    COMMANDS as COMMANDS,
)
from agentco.cli.main import app as app, hoist_company_option as hoist_company_option
