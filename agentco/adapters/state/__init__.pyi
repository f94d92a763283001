from agentco.adapters.state.backups import (
    back_up as back_up,
    list_backups as list_backups,
    restore as restore,
)
from agentco.adapters.state.database import MAX_GROUP as MAX_GROUP, Database as Database
from agentco.adapters.state.drivers import Drivers as Drivers, is_locked as is_locked
from agentco.adapters.state.memory_store import (
    InMemoryStore as InMemoryStore,
    MemoryTransaction as MemoryTransaction,
)
from agentco.adapters.state.open_state import has_state as has_state
from agentco.adapters.state.opening import open_database as open_database
from agentco.adapters.state.stored_forms import (
    EFFECT_DECODER as EFFECT_DECODER,
    EVENT_DECODER as EVENT_DECODER,
    decode_run as decode_run,
    encode_run as encode_run,
)
from agentco.adapters.state.tables.statements import (
    STATEMENTS as STATEMENTS,
    parse_statements as parse_statements,
)
from agentco.adapters.state.transaction import SqliteTransaction as SqliteTransaction
