"""`agentco runs`: what ran, what it did, and what goes on."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import screen
from agentco.cli.shared_options import JsonOption, YesOption, pick_fields, print_answer
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.adapters.state.report_queries import RunSummary
    from agentco.adapters.state.transaction import Transaction
    from agentco.runs.effects import EffectRecord

runs = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")
]
DEFAULT_SHOWN = 20


@runs.callback()
def list_runs(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every run, with its children.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the last runs, or look into one, go on with it, end it.

    Examples:
      agentco runs
      agentco runs show k7m2ab
      agentco runs resume k7m2ab
    """
    if ctx.invoked_subcommand:
        return
    from agentco.cli.state_access import runs_with_status
    from agentco.rules.budget import format_dollars

    rows = runs_with_status(
        limit=-1 if everything else DEFAULT_SHOWN, everything=everything
    )
    if as_json:
        screen.print_json({"runs": [run_document(run, status) for run, status in rows]})
        return
    if not rows:
        screen.print_text('nothing has run yet: agentco ask AGENT "…"')
        return
    screen.print_table(
        ["run", "agent", "status", "started", "cost", "what"],
        [
            [r.id, r.agent, status, r.started[:16], format_dollars(r.usd), r.title]
            for r, status in rows
        ],
        clip=True,
    )


def run_document(run: "RunSummary", status: str) -> dict[str, object]:
    """A run in the listing's document."""
    said = pick_fields(
        run,
        "id",
        "parent",
        "agent",
        "prompt",
        "title",
        "started",
        "ended",
        "calls",
        "in_doubt",
    )
    return said | {
        "prompt": run.prompt or None,
        "status": status,
        "cost_usd": run.usd / 1e6,
    }


@runs.command("show")
def show(
    run: RunId,
    full: Annotated[
        bool, typer.Option("--full", help="With what every step brought.")
    ] = False,
    why: Annotated[
        bool,
        typer.Option("--why", help="Who did what for whom, who reviewed it, and why."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a run was asked, every step with its ruling and cost, and what came of it.

    Examples:
      agentco runs show k7m2ab --full
      agentco runs show k7m2ab --why
    """
    from agentco.engine.settle import answer_text
    from agentco.rules.budget import format_dollars

    def look(tx: "Transaction") -> "tuple[str, str, str, str, list[dict[str, object]]]":
        head, asked = tx.load_run(summary.id), tx.load_asked(summary.id)
        steps = [effect_document(tx, row) for row in tx.load_effects(summary.root)]
        return (
            head.reason,
            tx.restriction_reason(head.agent),
            asked.task if asked else "",
            answer_text(tx, head),
            steps,
        )

    from agentco.cli import state_access

    summary = state_access.find_run(run)
    status = summary.status(state_access.is_driver_alive)
    if why:
        print_run_story(summary, full=full, as_json=as_json)
        return
    reason, restricted, asked, text, steps = state_access.read_state(
        look, ("", "", "", "", [])
    )
    if as_json:
        key = "text" if status == "done" else "partial"
        texts: dict[str, object] = {"text": None, "partial": None, key: text or None}
        more = {
            "asked": asked or None,
            **texts,
            "reason": reason or None,
            "restricted": restricted or None,
        }
        screen.print_json(run_document(summary, status) | more | {"effects": steps})
        return
    screen.print_text(
        f"{summary.id}  {summary.agent}  {status}{f': {reason}' if reason else ''}",
        screen.Style.BOLD,
    )
    screen.print_text(
        f"started {summary.started}, {summary.calls} calls, {format_dollars(summary.usd)}"
    )
    if restricted:
        screen.print_text(
            f"{summary.agent} may only read: {restricted}: agentco resume {summary.agent}"
        )
    screen.print_text(f"\nasked: {asked or 'no longer kept'}")
    screen.print_table(
        ["step", "state", "ruling", "what"],
        [
            [str(s["id"]), str(s["state"]), str(s["rule"]), str(s["what"])]
            for s in steps
        ],
        clip=True,
    )
    for shown in steps:
        if shown["why"]:
            screen.print_text(
                f"{shown['id']} {shown['model'] or 'nobody'} answered; {shown['why']}",
                screen.Style.DIM,
            )
    for shown in steps if full else ():
        screen.print_text(f"--- {shown['id']} {shown['what']}\n{shown['result'] or ''}")
    if text:
        screen.print_text(
            text
            if status == "done"
            else f"held back, what there is of an answer:\n{text}"
        )


def print_run_story(of: "RunSummary", *, full: bool, as_json: bool) -> None:
    """The story of a run."""
    from agentco.adapters.state.report_queries import run_histories
    from agentco.cli import state_access, story_screen
    from agentco.runs.run_story import build_run_story

    found = build_run_story(
        of.id,
        state_access.read_state(
            lambda tx: run_histories(
                tx, of, current_company.now_iso(), state_access.is_driver_alive
            ),
            {},
        ),
    )
    if as_json:
        screen.print_json(story_screen.story_document(found))
    else:
        story_screen.print_story(found, full=full)


def effect_document(tx: "Transaction", row: "EffectRecord") -> dict[str, object]:
    """One effect as the founder sees it."""
    from agentco.adapters.state.report_queries import effect_item
    from agentco.engine.settle import failure_reason

    result = tx.load_event(row.result) if row.result else None
    usd = tx.cost_of_effect(row)
    what = (
        f"{row.wanted.__struct_config__.tag} {row.model} {f'${usd:.6f}' if usd else ''}"
    )
    return {
        "id": row.id,
        "what": what.strip() if row.model else effect_item(row).what,
        "state": str(row.state),
        "rule": tx.last_rule_applied(row),
        "cost_usd": usd,
        "model": row.model or None,
        "why": (result and failure_reason(result)) or None,
        "result": getattr(result, "text", None),
    }


@runs.command("resume")
def resume(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Which; without it, all that can."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a run whose process ended: what was paid for is kept, what was lost is asked again once.

    Examples:
      agentco runs resume
    """
    from agentco.adapters.state.report_queries import work_roots
    from agentco.cli.run_at_terminal import print_outcome, resume_run
    from agentco.cli.state_access import find_run, runs_with_status
    from agentco.cli.trust import trusted_edges

    edges = trusted_edges()
    status = {
        one: status for one, status in runs_with_status(everything=True) if not run
    }
    found = (
        [find_run(run)]
        if run
        else [one for one in work_roots([*status]) if status[one] == "interrupted"]
    )
    if not found:
        screen.print_note("nothing was interrupted")
    outcomes = (resume_run(edges, one.id, as_json=as_json) for one in found)
    if as_json and not run:
        ended = list(outcomes)
        screen.print_json({"runs": [one.to_document() for one in ended]})
        raise typer.Exit(max((one.exit_code for one in ended), default=0))
    raise typer.Exit(
        max((print_outcome(one, as_json=as_json) for one in outcomes), default=0)
    )


@runs.command("cancel")
def cancel(run: RunId, as_json: JsonOption = False) -> None:
    """End a run and its children, also one that is blocked. A call that is under way counts as spent, in doubt.

    Examples:
      agentco runs cancel k7m2ab
    """
    from agentco.adapters.state.report_queries import work_root_of
    from agentco.cli import state_access
    from agentco.engine.cancel import cancel_run, drop_run

    found, why = state_access.find_run(run, deciding=True), "the founder cancelled it"
    blocked = found.phase == "blocked"
    root = (
        found.id
        if blocked
        else state_access.read_state(lambda tx: work_root_of(tx, found.id), found.id)
    )

    def act(tx: "Transaction") -> None:
        if not (
            tx.load_run(found.id).can_be_ended
            or any(one.can_be_ended for one in tx.runs_of_root(root))
        ):
            raise WrongUsage(f"run {root} is over", hint="agentco runs lists them")
        if blocked and found.parent:
            drop_run(tx, tx.load_run(root), why, current_company.now_iso())
            return
        if state_access.is_driver_alive(tx.root_state(found.root)[1]):
            tx.update_root(found.root, cancel=why)
        else:
            cancel_run(tx, root, why, current_company.now_iso())

    state_access.write_state(act)
    print_answer(
        {"run": root, "status": "cancelled"},
        f"run {root} is cancelled",
        as_json=as_json,
    )


@runs.command("settle")
def settle(
    run: RunId,
    effect: Annotated[
        str, typer.Argument(metavar="EFFECT", help="The number of the effect in doubt.")
    ],
    done: Annotated[
        bool, typer.Option("--done", help="It happened (a call: it was billed).")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="It did not: do it again.")
    ] = False,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="It did not, and shall not (a call: not billed)."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what became of something in doubt, such as a call whose answer never arrived.

    Examples:
      agentco runs settle k7m2ab 3 --drop
    """
    from agentco.cli.state_access import find_run, write_state
    from agentco.engine.decide import settle_by_founder

    chosen = [
        how
        for how, wanted in (("done", done), ("again", again), ("drop", drop))
        if wanted
    ]
    if len(chosen) != 1:
        raise WrongUsage(
            "say what became of it", hint="one of --done, --again and --drop"
        )
    at, number = current_company.now_iso(), effect.rpartition(".")[2]

    of = find_run(run, deciding=True).id

    def act(tx: "Transaction") -> str:
        row = tx.load_effect(of, int(number) if number.isdecimal() else 0)
        settle_by_founder(tx, row, chosen[0], at)
        return row.id

    name = write_state(act)
    print_answer(
        {"effect": name, "settled": chosen[0]},
        f"{name} is settled: {chosen[0]}",
        as_json=as_json,
    )


@runs.command("prune")
def prune(
    days: Annotated[
        int, typer.Option("--days", min=1, help="Keep what is younger.")
    ] = 90,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Forget prompts, answers and results of old runs; the runs, their costs and the audit stay.

    Examples:
      agentco runs prune --days 30
    """
    from datetime import timedelta

    from agentco.cli.state_access import read_state, write_state

    before = (current_company.now() - timedelta(days=days)).isoformat(
        timespec="seconds"
    )
    count = read_state(lambda tx: len(tx.prunable_bodies(before)), 0)
    if count and not screen.ask_yes_no(
        f"forget {count} texts older than {days} days?", yes=yes
    ):
        print_answer({"pruned": 0}, "nothing is forgotten", as_json=as_json)
        raise typer.Exit(1)
    pruned = write_state(lambda tx: tx.prune_bodies(before)) if count else 0
    print_answer(
        {"pruned": pruned},
        f"{pruned} texts older than {days} days are forgotten",
        as_json=as_json,
    )
