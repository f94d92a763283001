from agentco.kernel.characters import INVISIBLE as INVISIBLE
from agentco.kernel.company_paths import (
    fold_path as fold_path,
    normalize_path as normalize_path,
)
from agentco.kernel.comparison import fold_letters as fold_letters
from agentco.kernel.date_words import date_from_words as date_from_words
from agentco.kernel.dates import next_working_day as next_working_day
from agentco.kernel.errors import (
    AgentcoError as AgentcoError,
    CallFailed as CallFailed,
    CompanyBroken as CompanyBroken,
    Conflict as Conflict,
    Diagnostic as Diagnostic,
    Locked as Locked,
    NeedsFounder as NeedsFounder,
    NoModel as NoModel,
    Severity as Severity,
    StateBroken as StateBroken,
    Trouble as Trouble,
    WrongUsage as WrongUsage,
)
from agentco.kernel.exported_names import find_module as find_module
from agentco.kernel.figures import (
    figures_in_sources as figures_in_sources,
    find_figures as find_figures,
    locate_figures as locate_figures,
    ungrounded_figures as ungrounded_figures,
)
from agentco.kernel.money import format_dollars as format_dollars
from agentco.kernel.names import skeleton as skeleton, slug as slug
from agentco.kernel.run_ids import (
    effect_id as effect_id,
    is_within as is_within,
    number_of as number_of,
    parent_of as parent_of,
    root_of as root_of,
)
from agentco.kernel.text_seam import (
    SeamFilter as SeamFilter,
    join_pieces as join_pieces,
    last_words as last_words,
    open_fence as open_fence,
    repeated_length as repeated_length,
)
from agentco.kernel.token_estimate import (
    count_tokens as count_tokens,
    fewest_tokens as fewest_tokens,
)
