"""Check drafts as public text, and name who has to review them."""

from pathlib import Path

from agentco.desk.lookups import find_agent
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import WrongUsage
from agentco.public_text.channels import channel_line, require_channel
from agentco.public_text.check import build_standards, check_public_text
from agentco.public_text.findings import Finding
from agentco.review.draft_lint import (
    DueReviewer,
    LintDraft,
    LintResult,
    due_reviewers,
    is_public,
    lines_in_file,
    parse_draft,
)
from agentco.review.triggers import fired_triggers, triggers_for

MAX_DRAFT_BYTES = 1024 * 1024


def read_draft(company: OpenCompany, name: str) -> LintDraft:
    """A draft from a file. Raises WrongUsage if it cannot be read, or is no text."""
    try:
        data = company.files.read_anywhere(Path(name), MAX_DRAFT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise unreadable_draft(name, error) from None
    return draft_of(name, data)


def unreadable_draft(name: str, error: OSError | ValueError) -> WrongUsage:
    """The error for a draft that cannot be read."""
    reason = getattr(error, "strerror", None) or error
    hint = "name a text file, or - for stdin"
    return WrongUsage(f"cannot read {name!r}: {reason}", hint=hint)


def draft_of(name: str, data: bytes) -> LintDraft:
    """A draft from bytes. Raises WrongUsage for what is no text, or too much of it."""
    if len(data) > MAX_DRAFT_BYTES:
        hint = "drafts are short; name a text of your own"
        raise WrongUsage(f"{name!r} is larger than 1 MiB", hint=hint)
    if b"\0" in data:
        raise WrongUsage(f"{name!r} is not a text file", hint="save it as UTF-8 text")
    return parse_draft(name, data)


def require_known(company: OpenCompany, author: str | None, channel: str) -> None:
    """Raise WrongUsage for an author who does not work here, or a channel that is none."""
    if author:
        find_agent(company.files.load(), author)
    if channel:
        require_channel(channel, company.settings.links)


def lint(
    company: OpenCompany,
    draft: LintDraft,
    *,
    author: str | None = None,
    public: bool | None = None,
    channel: str = "",
) -> LintResult:
    """Check one draft.

    Without `author` its header says who wrote it; without `public` the author's role
    says whether it leaves the company. `channel` is where it is to stand.
    """
    records = company.files.load()
    writer = records.find_agent(author or draft.author)
    name = writer.id if writer else ""
    leaves, assumed = is_public(writer, wanted=public)
    triggers = triggers_for(company.settings, name, public=leaves)
    reviewers: list[DueReviewer] = []
    for fired in fired_triggers(draft.text, triggers, author=name, public=leaves):
        reviewers.extend(due_reviewers(fired, draft, records, name))
    return LintResult(
        file=draft.file,
        author=name or None,
        public=leaves,
        assumed=assumed,
        reviewers=tuple(reviewers),
        findings=public_findings(company, draft, channel) if leaves else (),
    )


def public_findings(
    company: OpenCompany, draft: LintDraft, channel: str
) -> tuple[Finding, ...]:
    """What a draft must not say in public; skills and the memory are its sources."""
    named = channel or draft.platform
    standards = build_standards(
        company.settings,
        company.memory.load_graph(),
        words=tuple(skill.body for skill in company.files.load().skills),
        today=company.today(),
        hint=channel_line(named) if named else draft.file,
    )
    return tuple(lines_in_file(draft, check_public_text(draft.text, standards)))
