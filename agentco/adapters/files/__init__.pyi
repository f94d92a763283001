from agentco.adapters.files.board_file import BoardFile as BoardFile
from agentco.adapters.files.company_files import (
    MAX_DEPTH as MAX_DEPTH,
    MAX_FOLDERS as MAX_FOLDERS,
    CompanySources as CompanySources,
    read_company as read_company,
)
from agentco.adapters.files.company_folder import CompanyFolder as CompanyFolder
from agentco.adapters.files.durable_disk import Disk as Disk
from agentco.adapters.files.file_lock import (
    hold_lock as hold_lock,
    prepare_lock_path as prepare_lock_path,
    read_holder_pid as read_holder_pid,
)
from agentco.adapters.files.hard_links import (
    SeenNames as SeenNames,
    find_linked_names as find_linked_names,
)
from agentco.adapters.files.kept_halts import KeptHalts as KeptHalts
from agentco.adapters.files.memory_file import MemoryFile as MemoryFile
from agentco.adapters.files.memory_key import MemoryKey as MemoryKey, new_key as new_key
from agentco.adapters.files.own_folder import STATE_FILE as STATE_FILE
from agentco.adapters.files.rare_lock import hold_rare_lock as hold_rare_lock
from agentco.adapters.files.safe_read import open_inside as open_inside
from agentco.adapters.files.template_files import starter_files as starter_files
from agentco.adapters.files.trust_file import (
    audit_anchor as audit_anchor,
    expected_state as expected_state,
    forget_audit_anchor as forget_audit_anchor,
    forget_trust as forget_trust,
    knows_state as knows_state,
    remember_state as remember_state,
    trust_folder as trust_folder,
)
