from agentco.terminal.live_draft import LiveDraft as LiveDraft
from agentco.terminal.outcome_screen import print_outcome as print_outcome
