from agentco.memory.compact import (
    compact_records as compact_records,
    export_lines as export_lines,
)
from agentco.memory.graph import (
    MEMORY_FILE as MEMORY_FILE,
    MemoryEntity as MemoryEntity,
    MemoryGraph as MemoryGraph,
    MemoryRelation as MemoryRelation,
    Observation as Observation,
)
from agentco.memory.import_plan import plan_import as plan_import
from agentco.memory.lines import (
    EntityLine as EntityLine,
    MemoryLine as MemoryLine,
    MemoryRecord as MemoryRecord,
    OtherLine as OtherLine,
    Provenance as Provenance,
    RejectedLine as RejectedLine,
    RelationLine as RelationLine,
    TrustLevel as TrustLevel,
    encode_line as encode_line,
    encode_rejected as encode_rejected,
    is_untrusted as is_untrusted,
    read_lines as read_lines,
    read_records as read_records,
    records_in_line as records_in_line,
)
from agentco.memory.provenance import content_hashes as content_hashes
from agentco.memory.relation_diagram import (
    escape_mermaid as escape_mermaid,
    mermaid_lines as mermaid_lines,
    tree_lines as tree_lines,
    walk_relations as walk_relations,
)
from agentco.memory.retention import (
    ExpiringEntity as ExpiringEntity,
    remove_expired as remove_expired,
)
from agentco.memory.rewrite import (
    apply_rewrite as apply_rewrite,
    keep_everything as keep_everything,
    remove_entities as remove_entities,
    remove_observations as remove_observations,
    restore_records as restore_records,
    sign_raw as sign_raw,
)
from agentco.memory.seal import MIN_UNSEALED as MIN_UNSEALED
from agentco.memory.search import search_entities as search_entities
from agentco.memory.signatures import (
    code_of_key as code_of_key,
    key_in_code as key_in_code,
)
