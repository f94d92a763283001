"""What plain code finds in a draft, and who has to review it; no model is asked."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.company import Company
from agentco.company.records import Agent
from agentco.file_formats.document import read_document
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.page.sentences import clip_sentence, mark_words
from agentco.public_text.findings import Finding
from agentco.review.reviews_due import MAX_SENTENCE_LENGTH
from agentco.review.triggers import FiredTrigger


class LintDraft(Struct, frozen=True, kw_only=True):
    """A text without its header, which `header_lines` lines took.

    `author` and `platform` are what the header says.
    """

    file: str
    text: str
    header_lines: int = 0
    author: str = ""
    platform: str = ""


class DueReviewer(Struct, frozen=True, kw_only=True):
    """Who has to review a draft: one agent, or any of several.

    `sentence` is the one in which the trigger fired first.
    """

    agent: str | None
    any_of: tuple[str, ...] | None
    trigger: str
    words: tuple[str, ...]
    line: int
    sentence: str = ""

    @property
    def who(self) -> str:
        """Who reviews it, in words."""
        return self.agent or " or ".join(self.any_of or ())

    def is_part_of(self, other: "DueReviewer") -> bool:
        """Whether the other's review is asked for the same words, and can be this one."""
        here = self.line, self.words, self.sentence
        is_same = here == (other.line, other.words, other.sentence)
        return is_same and (self.who == other.who or other.agent in (self.any_of or ()))

    @property
    def explained(self) -> str:
        """Under which trigger, by whom, and the sentence that decided with its words marked."""
        sentence = clip_sentence(
            self.sentence, "".join(self.words[:1]), MAX_SENTENCE_LENGTH
        )
        marked = mark_words(sentence, self.words)
        return f"{self.trigger}: {self.who} reviews it\n  {marked}"


class LintResult(Struct, frozen=True, kw_only=True):
    """What came of one draft; `assumed` says why it counts as public or internal."""

    file: str
    author: str | None
    public: bool
    assumed: str
    reviewers: tuple[DueReviewer, ...]
    findings: tuple[Finding, ...]

    @property
    def described(self) -> str:
        """As what the draft was checked, and why."""
        line = f"{self.file}: {'public' if self.public else 'internal'} text"
        if self.author:
            line = f"{line} by {self.author}"
        if self.assumed:
            line = f"{line}, assumed: {self.assumed}; --public or --internal says it"
        return line

    @property
    def reviews(self) -> list[DueReviewer]:
        """The reviewers as they are asked: who is due for the same words twice, once."""
        united: list[DueReviewer] = []
        for due in self.reviewers:
            for place, other in enumerate(united):
                if due.is_part_of(other):
                    both = f"{other.trigger}, {due.trigger}"
                    united[place] = replace(other, trigger=both)
                    break
            else:
                united.append(due)
        return united

    @property
    def fault_count(self) -> int:
        """How many findings hold it back; what only tells something does not."""
        return sum(not finding.is_remark for finding in self.findings)


def parse_draft(name: str, data: bytes) -> LintDraft:
    """Split a draft from its header."""
    source = SourceFile(path=name, data=data)
    document = read_document(source, FileFindings(name), plain=True)
    if document is None:
        return LintDraft(file=name, text=data.decode("utf-8", "replace"))
    values = document.values
    own = values.get("agentco")
    authors = [values.get("author")]
    if isinstance(own, dict):
        authors.insert(0, own.get("author"))
    return LintDraft(
        file=name,
        text=document.body,
        header_lines=document.body_line - 1,
        author=next((name for name in authors if isinstance(name, str)), ""),
        platform=f"{values.get('channel') or values.get('platform') or ''}",
    )


def is_public(writer: Agent | None, *, wanted: bool | None) -> tuple[bool, str]:
    """Whether a draft leaves the company, and why that is assumed if nobody said it."""
    if wanted is not None:
        return wanted, ""
    if writer is None:
        return True, "its author is unknown"
    if writer.own.public:
        return True, f"the work of {writer.id} is"
    return False, f"{writer.id} is not public"


def lines_in_file(draft: LintDraft, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings by their line in the file, header included."""
    for finding in findings:
        yield replace(finding, line=finding.line + draft.header_lines)


def due_reviewers(
    fired: FiredTrigger, draft: LintDraft, company: Company, author: str
) -> Iterator[DueReviewer]:
    """Everybody but the author whom a trigger calls for."""
    due = DueReviewer(
        agent=None,
        any_of=None,
        trigger=fired.trigger,
        words=fired.words,
        line=fired.line + draft.header_lines,
        sentence=fired.sentence,
    )
    for agent in _agent_ids(company, fired.consult):
        if agent != author:
            yield replace(due, agent=agent)
    any_of = _agent_ids(company, fired.any_of)
    if any_of and author not in any_of:
        yield replace(due, any_of=any_of)


def _agent_ids(company: Company, names: Sequence[str]) -> tuple[str, ...]:
    ids: list[str] = []
    for name in names:
        agent = company.find_agent(name)
        ids.append(agent.id if agent else name)
    return tuple(ids)
