from agentco.adapters.papers.aligned_tables import page_with_tables as page_with_tables
from agentco.adapters.papers.paper_limits import PaperLimits as PaperLimits
from agentco.adapters.papers.paper_reader import (
    child_environment as child_environment,
    read_file_text as read_file_text,
)
from agentco.adapters.papers.sheet_cells import cell_text as cell_text
