from agentco.terminal.cells import clip as clip, wrap_cells as wrap_cells
from agentco.terminal.live_draft import LiveDraft as LiveDraft
from agentco.terminal.local_time import local_text as local_text
from agentco.terminal.out_file import (
    OutFile as OutFile,
    claim_out_file as claim_out_file,
    write_out_file as write_out_file,
)
from agentco.terminal.outcome_screen import print_outcome as print_outcome
from agentco.terminal.rewritten_block import (
    Pace as Pace,
    RewrittenBlock as RewrittenBlock,
)
from agentco.terminal.screen import Style as Style
from agentco.terminal.shared_rows import share_rows as share_rows
from agentco.terminal.standup_screen import short_title as short_title
from agentco.terminal.table import TableShape as TableShape
from agentco.terminal.work_block import WorkView as WorkView, work_rows as work_rows
