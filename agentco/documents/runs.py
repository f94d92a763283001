"""Values as parts of JSON documents (appendix C): keys are only ever added."""

from msgspec import to_builtins
from msgspec.structs import asdict

from agentco.desk.prompt_preview import PromptPreview
from agentco.desk.runs import RunDetails, StandingRun
from agentco.kernel.documents import Document, in_dollars, pick_fields
from agentco.kernel.run_ids import parent_of
from agentco.overview.run_outcome import RunOutcome
from agentco.overview.run_story import (
    DraftReview,
    ReviewedDraft,
    ReviewStanding,
    RunStory,
)
from agentco.overview.work_events import WorkEvent
from agentco.runs.draft_decision import owed_reviews


def review_fields(story: RunStory) -> Document:
    """What a run's document says of its reviews, findings and waivers."""
    run = story.of.run
    return {
        "reviews": [review_standing_document(review) for review in story.reviews],
        "owed": [review.trigger for review in owed_reviews(run)],
        "waived": to_builtins(story.of.waived),
        "findings": to_builtins(story.open_findings),
        "public": run.public,
        "quick": run.quick,
    }


def review_standing_document(standing: ReviewStanding) -> Document:
    """One review, with its last verdict and the author's answer."""
    review = standing.review
    return {
        "agent": review.agent or None,
        "trigger": review.trigger,
        "verdict": review.verdict,
        "round": review.round,
        "draft": standing.draft or None,
        "because": standing.because or None,
        "answer": standing.answer or None,
    }


def story_document(story: RunStory) -> Document:
    """The whole story of a run and of all it started."""
    run = story.of.run
    return {
        "run": run.id,
        **pick_fields(run, "agent", "chain", "title", "job"),
        "status": story.of.status,
        "task": story.of.task,
        "reason": run.reason or None,
        **review_fields(story),
        "drafts": [draft_document(draft) for draft in story.drafts],
        "children": [story_document(child) for child in story.children],
        "cost_usd": in_dollars(story.of.usd),
        "total_usd": in_dollars(story.total_usd),
    }


def draft_document(draft: ReviewedDraft) -> Document:
    """A draft with its reviews."""
    return {
        "text": draft.text,
        "notes": draft.notes or None,
        "answer": draft.answer,
        "diff": draft.diff,
        "reviews": [draft_review_document(review) for review in draft.reviews],
        "due": to_builtins(draft.due),
        "findings": to_builtins(draft.findings),
    }


def draft_review_document(review: DraftReview) -> Document:
    """One review of a draft, with its run; null where it has not come so far."""
    document: Document = {
        "agent": review.agent,
        "under": review.under,
        "run": None,
        "request": None,
        "cost_usd": None,
        "opinions": [],
        "failed": None,
    }
    if review.by:
        document["run"] = review.by.run.id
        document["request"] = review.by.task
        document["cost_usd"] = in_dollars(review.by.usd)
    if review.said:
        document["opinions"] = to_builtins(review.said.opinions)
        document["failed"] = review.said.failed
    return document


def run_document(outcome: RunOutcome) -> Document:
    """The document of `ask`, `run` and everything that goes on with a run."""
    done = outcome.status == "done"
    return {
        "run": outcome.run.id,
        "agent": outcome.run.agent,
        "prompt": outcome.run.prompt or None,
        "status": outcome.status,
        "text": outcome.text if done else None,
        "notes": outcome.notes or None,
        "partial": None if done else outcome.text or None,
        "reason": outcome.reason or None,
        **pick_fields(outcome, "model", "passed", "ready_at"),
        **review_fields(outcome.story),
        "files": [file.path for file in outcome.files],
        "delegations": [_delegation_document(story) for story in outcome.delegations],
        "cost_usd": in_dollars(outcome.summary.usd),
        **pick_fields(outcome.summary, "calls", "in_doubt"),
        "waits": [pick_fields(item, "id", "kind", "what") for item in outcome.waits],
        "warnings": list(outcome.warnings),
    }


def listed_run_document(standing: StandingRun) -> Document:
    """A run as `agentco runs` lists it."""
    run = standing.run
    return {
        **pick_fields(run, "id", "parent", "agent", "title", "started", "ended"),
        **pick_fields(run, "calls", "in_doubt"),
        "prompt": run.prompt or None,
        "status": standing.status,
        "cost_usd": in_dollars(run.usd),
    }


def event_document(event: WorkEvent) -> Document:
    """One step of a run, as `agentco runs watch --json` prints it on a line."""
    run = parent_of(event.id) or event.id
    return {
        "event": str(event.kind),
        **pick_fields(event, "at", "id", "agent", "what"),
        "run": run,
    }


def watched_document(run: str, status: str, usd: int, at: str) -> Document:
    """The last line of `agentco runs watch --json`."""
    return {
        "event": "status",
        "at": at,
        "id": run,
        "run": run,
        "status": status,
        "cost_usd": in_dollars(usd),
    }


def details_document(details: RunDetails) -> Document:
    """A run with its steps."""
    done = details.status == "done"
    standing = StandingRun(run=details.run, status=details.status)
    return {
        **listed_run_document(standing),
        "asked": details.asked or None,
        "text": (details.text or None) if done else None,
        "notes": details.notes or None,
        "partial": None if done else details.text or None,
        "reason": details.reason or None,
        "restricted": details.restricted or None,
        "outside": details.outside or None,
        "files": [file.path for file in details.files],
        "effects": [asdict(step) for step in details.steps],
    }


def preview_document(preview: PromptPreview) -> Document:
    """The document of `--show-prompt --json`."""
    worst_case = preview.worst_case
    parts: list[Document] = [
        {
            "kind": part.kind,
            "tokens": part.token_count,
            "stable": part.stable,
            "source": part.source or None,
            "name": part.name or None,
            "text": part.prompt_text,
        }
        for part in preview.prompt.parts
    ]
    return {
        "agent": preview.agent,
        "tier": str(preview.prompt.tier),
        "model": preview.model,
        "at_most_usd": None if worst_case is None else in_dollars(worst_case),
        "tokens": preview.total_tokens,
        "parts": parts,
        "tools": [
            pick_fields(tool, "name", "description", "parameters")
            for tool in preview.prompt.tools
        ],
    }


def _delegation_document(story: RunStory) -> Document:
    return {
        "agent": story.of.run.agent,
        "task": story.of.run.title,
        "run": story.of.run.id,
        "status": story.of.status,
        "cost_usd": in_dollars(story.total_usd),
    }
