from agentco.adapters.models.claude_client import (
    conversation_turns as conversation_turns,
    tools_and_system as tools_and_system,
)
from agentco.adapters.models.clients import ModelClients as ModelClients
from agentco.adapters.models.http_client import CallTimeouts as CallTimeouts
from agentco.adapters.models.litellm_client import load_litellm as load_litellm
from agentco.adapters.models.pauses import (
    parse_reset as parse_reset,
    parse_retry_after as parse_retry_after,
    wanted_pause as wanted_pause,
)
from agentco.adapters.models.prices import (
    PriceTable as PriceTable,
    litellm_price as litellm_price,
    parse_table_entry as parse_table_entry,
    shipped_prices as shipped_prices,
)
from agentco.adapters.models.streamed_reply import (
    EventStreamParser as EventStreamParser,
    StreamedReply as StreamedReply,
    UnreadableAnswer as UnreadableAnswer,
)
