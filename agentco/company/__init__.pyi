from agentco.company.addresses import (
    is_allowed_address as is_allowed_address,
    is_loopback as is_loopback,
    parse_address as parse_address,
)
from agentco.company.company import Company as Company
from agentco.company.duplicates import warn_lookalikes as warn_lookalikes
from agentco.company.file_locations import location_of as location_of
from agentco.company.globs import (
    applies_always as applies_always,
    matches_any_glob as matches_any_glob,
    split_globs as split_globs,
)
from agentco.company.load import load_company as load_company
from agentco.company.mentions import (
    MentionKind as MentionKind,
    find_inputs as find_inputs,
    find_references as find_references,
)
from agentco.company.model_labels import (
    LabelTier as LabelTier,
    read_label as read_label,
)
from agentco.company.model_offers import (
    DEFAULT_CONTEXT as DEFAULT_CONTEXT,
    ModelOffer as ModelOffer,
    ShippedModel as ShippedModel,
    TokenRates as TokenRates,
    WireFormat as WireFormat,
    offers_for_tier as offers_for_tier,
)
from agentco.company.prompt_variables import (
    ADDED_HEADING as ADDED_HEADING,
    VariableValues as VariableValues,
    fill_prompt as fill_prompt,
)
from agentco.company.providers import PROVIDERS as PROVIDERS
from agentco.company.records import (
    Agent as Agent,
    AgentSettings as AgentSettings,
    Command as Command,
    Handoff as Handoff,
    McpInput as McpInput,
    Permissions as Permissions,
    Reasoning as Reasoning,
    Tier as Tier,
)
from agentco.company.settings import (
    Budget as Budget,
    ModelLimit as ModelLimit,
    RunLimits as RunLimits,
    Settings as Settings,
    SettingsFile as SettingsFile,
    Trigger as Trigger,
    read_settings as read_settings,
)
from agentco.company.tool_names import (
    OWN_NAMES as OWN_NAMES,
    Grant as Grant,
    read_tools as read_tools,
)
from agentco.company.tool_table import (
    TOOLS as TOOLS,
    ActsOn as ActsOn,
    GrantedTo as GrantedTo,
    Resource as Resource,
    ResultSource as ResultSource,
    Tool as Tool,
    callable_names as callable_names,
    find_tool as find_tool,
    names_granted_to as names_granted_to,
    reader_tools as reader_tools,
)
