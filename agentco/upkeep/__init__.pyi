from agentco.upkeep.checking import read_whole_company as read_whole_company
from agentco.upkeep.cost_check import (
    compare_usage as compare_usage,
    model_key as model_key,
)
from agentco.upkeep.doctor import LOCAL_SERVERS as LOCAL_SERVERS
from agentco.upkeep.making_company import (
    NewCompany as NewCompany,
    make_company as make_company,
    plan_company as plan_company,
)
from agentco.upkeep.mcp_entries import (
    MCP_CONFIGS as MCP_CONFIGS,
    McpConfig as McpConfig,
    with_memory_server as with_memory_server,
)
from agentco.upkeep.own_answers import (
    Options as Options,
    company_from_answers as company_from_answers,
    read_answers as read_answers,
    read_place as read_place,
)
from agentco.upkeep.own_company import (
    OwnCompany as OwnCompany,
    Product as Product,
    fill_in as fill_in,
    is_filled_in as is_filled_in,
    own_files as own_files,
    template_words as template_words,
)
from agentco.upkeep.service_unit import unit_word as unit_word
from agentco.upkeep.trusting import (
    grant_trust as grant_trust,
    unsigned_claims as unsigned_claims,
)
from agentco.upkeep.undoing import (
    carry_out_undo as carry_out_undo,
    plan_undo as plan_undo,
)
