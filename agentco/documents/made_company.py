"""What `init` did, as JSON."""

from agentco.kernel.documents import Document
from agentco.memory.git_rules import ATTRIBUTES_FILE
from agentco.upkeep.making_company import MadeCompany

NEXT_COMMANDS = ("agentco standup", "agentco board", "agentco show agents")


def made_document(made: MadeCompany) -> Document:
    """The document of `init --json`, without what was found."""
    return {
        "company": str(made.root),
        "written": list(made.written),
        "kept": list(made.kept),
        "added": added_to(made),
        "by_hand": [
            {"file": config.path, "key": config.root_key, "entry": config.entry}
            for config in made.to_share
        ],
        "next": list(NEXT_COMMANDS),
    }


def added_to(made: MadeCompany) -> list[str]:
    """The files that were there and got something of ours."""
    attributes = [ATTRIBUTES_FILE] if made.union_rules else []
    return [*attributes, *(config.path for config in made.shared)]
