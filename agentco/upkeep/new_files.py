"""A new agent, prompt or skill: a short valid file, in the folder where the company has its others.

Nothing is overwritten, and no name is given twice. The words stand in files beside this module.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from agentco.company.company import Company
from agentco.company.prompts import BUILT_IN_AGENTS
from agentco.company.records import Record, Tier
from agentco.day.schedule import cron_problem
from agentco.desk.lookups import find_agent
from agentco.file_formats.strict_yaml import write_yaml
from agentco.file_formats.yaml_values import Value
from agentco.kernel import package_data
from agentco.kernel.errors import WrongUsage
from agentco.kernel.names import FOUNDER, id_problem, slug

MAX_NAME = 64
USUAL_BASE = ".github"
CRON_HINT = 'such as --schedule "0 9 * * 1", Mondays at nine'


class NewKind(StrEnum):
    """What can be made."""

    AGENT = "agent"
    PROMPT = "prompt"
    SKILL = "skill"


class _Words(Struct, frozen=True):
    """The table beside this module: a file's place by the folder its company keeps files in."""

    places: dict[NewKind, dict[str, str]]
    descriptions: dict[NewKind, str]
    tools: dict[str, str]
    next: dict[NewKind, str]


WORDS = package_data.load_table(__name__, _Words)


class NewFileOrder(Struct, frozen=True, kw_only=True):
    """What the founder wants made, as they said it.

    `tier` is of an agent; `agent` and `schedule`, a cron line, are of a prompt.
    """

    kind: NewKind
    name: str
    description: str = ""
    tier: Tier = Tier.MEDIUM
    agent: str = ""
    schedule: str = ""


class NewFile(Struct, frozen=True, kw_only=True):
    """A file to be written, and the command that uses it."""

    kind: NewKind
    name: str
    path: str
    text: str
    next: str


class FileMaker(Protocol):
    """A company's folder, in which files can be made."""

    def write_if_missing(self, path: str, text: str) -> bool:
        """Write a file that is not there yet; False if there is one."""
        ...


def plan_new_file(
    company: Company, order: NewFileOrder, orchestrator: str | None
) -> NewFile:
    """The file that an order asks for.

    Raises WrongUsage for a name that cannot be or is taken, an unknown agent, a prompt that
    nobody would run, or a schedule that cannot be read.
    """
    kind = order.kind
    name = require_name(kind, order.name)
    require_unused(company, kind, name)
    base = base_folder(company, kind)
    path = WORDS.places[kind][base].format(name=name)
    words = name.replace("-", " ")
    purpose = " ".join(order.description.split())
    purpose = purpose or WORDS.descriptions[kind].format(words=words)
    text = package_data.load_text(__name__, f"{kind}.md").format(
        name=name,
        title=words[0].upper() + words[1:],
        description=_yaml({"description": purpose}),
        purpose=purpose,
        tier=order.tier,
        tools=WORDS.tools["claude" if base == ".claude" else "copilot"],
        header=_prompt_header(company, order, purpose, orchestrator),
        board="../" * path.count("/") + "BOARD.md",
    )
    command = WORDS.next[kind].format(name=name)
    return NewFile(kind=kind, name=name, path=path, text=f"{text}\n", next=command)


def write_new_file(maker: FileMaker, new: NewFile) -> None:
    """Write it. Raises WrongUsage where there is a file already, StateBroken where it cannot be."""
    if not maker.write_if_missing(new.path, new.text):
        raise WrongUsage(
            f"{new.path} already exists",
            hint="open it, or choose another name; nothing is overwritten",
        )


def require_name(kind: NewKind, name: str) -> str:
    """A name as files and commands have it. Raises WrongUsage for one that cannot be."""
    bare = name.removeprefix("/") if kind is NewKind.PROMPT else name
    wanted = slug(bare)
    problem = id_problem(bare)
    if not problem and kind is NewKind.SKILL and not wanted.isascii():
        problem = "is for a skill, and editors read only a-z, 0-9 and hyphens there"
    if not problem and len(wanted) > MAX_NAME:
        problem = f"has more than {MAX_NAME} characters"
    if not problem and kind is NewKind.AGENT and wanted in {FOUNDER, *BUILT_IN_AGENTS}:
        problem = "means something else already"
    if problem:
        raise WrongUsage(
            f"the name {name!r} {problem}", hint="choose one such as sales-assistant"
        )
    return wanted


def require_unused(company: Company, kind: NewKind, name: str) -> None:
    """Raise WrongUsage for a name that is taken, with its file.

    A prompt and a skill are both run as `/name`, so they share their names.
    """
    if kind is NewKind.AGENT:
        taken: Record | None = company.find_agent(name)
    else:
        taken = company.find_prompt(name) or company.find_skill(name)
    if taken:
        raise WrongUsage(
            f"{name!r} is taken by {taken.file}",
            hint="open that file, or choose another name; nothing is overwritten",
        )


def base_folder(company: Company, kind: NewKind) -> str:
    """Where a company keeps files of a kind, or else its agents, such as `.github`."""
    records: dict[NewKind, Iterable[Record]] = {
        NewKind.AGENT: company.agents,
        NewKind.PROMPT: company.prompts,
        NewKind.SKILL: company.skills,
    }
    for files in (records[kind], company.agents):
        bases = Counter(
            base for record in files if (base := _base_of(record.file)) is not None
        )
        for base, _ in bases.most_common():
            if base in WORDS.places[kind]:
                return base
    return USUAL_BASE


def _base_of(path: str) -> str | None:
    """The folder that holds the folders of each kind; None in the founder's home."""
    first = path.partition("/")[0]
    if first.startswith("~"):
        return None
    return first if first.startswith(".") else ""


def _prompt_header(
    company: Company, order: NewFileOrder, purpose: str, orchestrator: str | None
) -> str:
    """The header of a prompt, which says its agent only where it is not the orchestrator."""
    if order.kind is not NewKind.PROMPT:
        return ""
    if not order.agent and not (orchestrator and company.find_agent(orchestrator)):
        what = "nobody would run it: the company has no orchestrator"
        raise WrongUsage(what, hint="name a department with --agent")
    header: dict[str, Value] = {"description": purpose}
    if order.agent:
        header["agent"] = find_agent(company, order.agent).id
    if order.schedule:
        problem = cron_problem(order.schedule)
        if problem:
            raise WrongUsage(f"--schedule {problem}", hint=CRON_HINT)
        header["agentco"] = {"schedule": order.schedule, "catch_up": "once"}
    return _yaml(header)


def _yaml(values: dict[str, Value]) -> str:
    return write_yaml(values).rstrip("\n")
