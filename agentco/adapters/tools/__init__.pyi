from agentco.adapters.tools.agent_files import AgentFiles as AgentFiles
from agentco.adapters.tools.board_edits import BoardDesk as BoardDesk
from agentco.adapters.tools.board_tool import plan_changes as plan_changes
from agentco.adapters.tools.company_tools import CompanyTools as CompanyTools
from agentco.adapters.tools.tool_threads import ToolThreads as ToolThreads
