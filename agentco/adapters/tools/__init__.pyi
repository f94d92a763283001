from agentco.adapters.tools.agent_files import AgentFiles as AgentFiles
from agentco.adapters.tools.company_tools import CompanyTools as CompanyTools
from agentco.adapters.tools.tool_threads import ToolThreads as ToolThreads
