"""`agentco lint`: what plain code finds in a draft, and who has to review it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from agentco.adapters.files.safe_read import read_regular
from agentco.cli import current_company, screen
from agentco.cli.screen import Style
from agentco.cli.shared_options import JsonOption
from agentco.company.company import Company
from agentco.company.document import read_document
from agentco.company.records import Agent
from agentco.company.settings import Settings
from agentco.company.source_file import FileFindings, SourceFile
from agentco.desk.lookups import unknown_name
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import WrongUsage
from agentco.review.findings import Finding
from agentco.review.public_text import build_standards, check_public_text
from agentco.review.triggers import FiredTrigger, fired_triggers, merge_triggers

STDIN, MAX_DRAFT_BYTES = "-", 1024 * 1024
EXIT_FINDINGS = 1


class LintDraft(Struct, frozen=True, kw_only=True):
    """A text without its header: `before` lines stand above it, `author` and `platform` are what the header says."""

    file: str
    text: str
    before: int = 0
    author: str = ""
    platform: str = ""


class DueReviewer(Struct, frozen=True, kw_only=True):
    """Who has to review a draft: one agent, or any of several."""

    agent: str | None
    any_of: tuple[str, ...] | None
    trigger: str
    words: tuple[str, ...]
    line: int


class LintResult(Struct, frozen=True, kw_only=True):
    """What came of one draft; appendix C. `assumed` says why it counts as public or internal."""

    file: str
    author: str | None
    public: bool
    assumed: str
    reviewers: tuple[DueReviewer, ...]
    findings: tuple[Finding, ...]


def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Drafts; - is stdin.")
    ],
    author: Annotated[
        str | None, typer.Option("--author", metavar="AGENT", help="Who wrote them.")
    ] = None,
    public: Annotated[
        bool | None,
        typer.Option("--public/--internal", help="Whether they leave the company."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check drafts as public text, and name who has to review them; no model is asked.

    Without --author the draft's header says who wrote it. Without --public or --internal the author's role
    says whether it is public; a draft of an unknown author is. Exit code 1 when something was found; reviews
    that are due are no finding.

    Examples:
      agentco lint drafts/launch-post.md --author marketing
      agentco lint drafts/*.md --public --json
      pbpaste | agentco lint -
    """
    edges = current_company.open_current()
    company = edges.files.load()
    if author and not company.find_agent(author):
        raise unknown_name("agent", author, [agent.id for agent in company.agents])
    found = [
        lint_draft(draft, edges, author, public) for draft in [*map(read_draft, files)]
    ]
    if as_json:
        documents = [to_builtins(each) for each in found]
        screen.print_json(documents[0] if len(documents) == 1 else {"files": documents})
    else:
        print_results(found)
    raise typer.Exit(EXIT_FINDINGS if any(each.findings for each in found) else 0)


def read_draft(name: str) -> LintDraft:
    """A draft's text. Raises WrongUsage for what is no text, or too much of it."""
    try:
        data = (
            sys.stdin.buffer.read(MAX_DRAFT_BYTES + 1)
            if name == STDIN
            else read_regular(Path(name), MAX_DRAFT_BYTES + 1)
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongUsage(
            f"cannot read {name!r}: {reason}", hint="name a text file, or - for stdin"
        ) from None
    if len(data) > MAX_DRAFT_BYTES:
        raise WrongUsage(
            f"{name!r} is larger than 1 MiB",
            hint="drafts are short; name a text of your own",
        )
    if b"\0" in data:
        raise WrongUsage(f"{name!r} is not a text file", hint="save it as UTF-8 text")
    document = read_document(
        SourceFile(path=name, data=data), FileFindings(name), plain=True
    )
    if document is None:
        return LintDraft(file=name, text=data.decode("utf-8", "replace"))
    own = document.values.get("agentco")
    said = [
        (own.get("author") if isinstance(own, dict) else None),
        document.values.get("author"),
    ]
    author = next((name for name in said if isinstance(name, str)), "")
    platform = f"{document.values.get('platform', '')}"
    return LintDraft(
        file=name,
        text=document.body,
        before=document.body_line - 1,
        author=author,
        platform=platform,
    )


def lint_draft(
    draft: LintDraft, edges: OpenCompany, author: str | None, public: bool | None
) -> LintResult:
    """What plain code finds in one draft."""
    company, settings = edges.files.load(), edges.files.settings().require_valid()
    writer = company.find_agent(author or draft.author)
    leaves, assumed = resolve_public(writer, public)
    name = writer.id if writer else ""
    due = fired_triggers(
        draft.text, merge_triggers(settings.triggers), author=name, public=leaves
    )
    return LintResult(
        file=draft.file,
        author=name or None,
        public=leaves,
        assumed=assumed,
        reviewers=tuple(
            row for each in due for row in due_reviewers(each, draft, company, name)
        ),
        findings=tuple(findings_in_draft(draft, edges, settings)) if leaves else (),
    )


def resolve_public(writer: Agent | None, public: bool | None) -> tuple[bool, str]:
    """Whether a draft leaves the company, and where that was read from when nobody said."""
    if public is not None:
        return public, ""
    if writer is None:
        return True, "its author is not known"
    return (
        writer.own.public,
        f"the work of {writer.id} is"
        if writer.own.public
        else f"{writer.id} is not public",
    )


def findings_in_draft(
    draft: LintDraft, edges: OpenCompany, settings: Settings
) -> Iterator[Finding]:
    """What the draft must not say in public; skills and the memory are its sources."""
    words = tuple(skill.body for skill in edges.files.load().skills)
    today, hint = (
        current_company.now().astimezone(settings.time_zone).date(),
        draft.platform or draft.file,
    )
    against = build_standards(
        settings, edges.memory.load_graph(), words=words, today=today, hint=hint
    )
    for one in check_public_text(draft.text, against):
        yield replace(one, line=one.line + draft.before)


def due_reviewers(
    due: FiredTrigger, draft: LintDraft, company: Company, author: str
) -> Iterator[DueReviewer]:
    """Everybody but the author whom a trigger calls for."""

    def ids(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            agent.id if (agent := company.find_agent(name)) else name for name in names
        )

    line, any_of = due.line + draft.before, ids(due.any_of)
    for agent in ids(due.consult):
        if agent != author:
            yield DueReviewer(
                agent=agent,
                any_of=None,
                trigger=due.trigger,
                words=due.words,
                line=line,
            )
    if any_of and author not in any_of:
        yield DueReviewer(
            agent=None, any_of=any_of, trigger=due.trigger, words=due.words, line=line
        )


def print_results(drafts: Sequence[LintResult]) -> None:
    """Draft by draft what was found, then who reviews what."""
    for each in drafts:
        kind = "public" if each.public else "internal"
        why = (
            f", assumed: {each.assumed}; --public or --internal says it"
            if each.assumed
            else ""
        )
        screen.print_text(
            f"{each.file}: {kind} text{f' by {each.author}' if each.author else ''}{why}",
            Style.DIM,
        )
        for one in each.findings:
            screen.print_text(
                f"{each.file}:{one.line}: {one.rule}: {' '.join(one.text.split())} — {one.hint}",
                Style.SOON,
            )
    rows = [
        [
            f"{each.file}:{row.line}",
            row.agent or " or ".join(row.any_of or ()),
            row.trigger,
            ", ".join(row.words),
        ]
        for each in drafts
        for row in each.reviewers
    ]
    if rows:
        screen.print_table(["due reviewers", "agent", "trigger", "words"], rows)
    count = sum(len(each.findings) for each in drafts)
    screen.print_text(
        f"{count or 'no'} finding{'s' * (count != 1)}, {len(rows) or 'no'} review{'s' * (len(rows) != 1)} due"
    )
