"""`agentco runs`: what ran, what it did, and what goes on."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import screen
from agentco.cli.options import Json, Yes, answer, fields
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.adapters.state.reports import Summary
    from agentco.adapters.state.transaction import Transaction
    from agentco.runs.effects import Row

runs = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")
]
FEW = 20


@runs.callback()
def listing(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every run, with its children.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the last runs, or look into one, go on with it, end it.

    Examples:
      agentco runs
      agentco runs show k7m2ab
      agentco runs resume k7m2ab
    """
    if ctx.invoked_subcommand:
        return
    from agentco.cli.state import listed
    from agentco.rules.budget import dollars

    rows = listed(limit=-1 if everything else FEW, everything=everything)
    if as_json:
        screen.document({"runs": [document(run, status) for run, status in rows]})
        return
    if not rows:
        screen.say('nothing has run yet: agentco ask AGENT "…"')
        return
    screen.table(
        ["run", "agent", "status", "started", "cost", "what"],
        [
            [r.id, r.agent, status, r.started[:16], dollars(r.usd), r.title]
            for r, status in rows
        ],
        clip=True,
    )


def document(run: "Summary", status: str) -> dict[str, object]:
    """A run in the listing's document."""
    said = fields(
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
    as_json: Json = False,
) -> None:
    """Show what a run was asked, every step with its ruling and cost, and what came of it.

    Examples:
      agentco runs show k7m2ab --full
      agentco runs show k7m2ab --why
    """
    from agentco.cli import state
    from agentco.engine.settle import answer_of
    from agentco.rules.budget import dollars

    def look(t: "Transaction") -> "tuple[str, str, str, str, list[dict[str, object]]]":
        head, asked = t.run(summary.id), t.asked(summary.id)
        steps = [step(t, row) for row in t.effects(summary.root)]
        return (
            head.reason,
            t.restricted(head.agent),
            asked.task if asked else "",
            answer_of(t, head),
            steps,
        )

    summary = state.run_named(run)
    status = summary.status(state.alive)
    if why:
        tell(summary, full=full, as_json=as_json)
        return
    reason, restricted, asked, text, steps = state.looked(look, ("", "", "", "", []))
    if as_json:
        key = "text" if status == "done" else "partial"
        texts: dict[str, object] = {"text": None, "partial": None, key: text or None}
        more = {
            "asked": asked or None,
            **texts,
            "reason": reason or None,
            "restricted": restricted or None,
        }
        screen.document(document(summary, status) | more | {"effects": steps})
        return
    screen.say(
        f"{summary.id}  {summary.agent}  {status}{f': {reason}' if reason else ''}",
        screen.Look.BOLD,
    )
    screen.say(
        f"started {summary.started}, {summary.calls} calls, {dollars(summary.usd)}"
    )
    if restricted:
        screen.say(
            f"{summary.agent} may only read: {restricted}: agentco resume {summary.agent}"
        )
    screen.say(f"\nasked: {asked or 'no longer kept'}")
    screen.table(
        ["step", "state", "ruling", "what"],
        [
            [str(s["id"]), str(s["state"]), str(s["rule"]), str(s["what"])]
            for s in steps
        ],
        clip=True,
    )
    for shown in steps:
        if shown["why"]:
            screen.say(
                f"{shown['id']} {shown['model'] or 'nobody'} answered; {shown['why']}",
                screen.Look.DIM,
            )
    for shown in steps if full else ():
        screen.say(f"--- {shown['id']} {shown['what']}\n{shown['result'] or ''}")
    if text:
        screen.say(
            text
            if status == "done"
            else f"held back, what there is of an answer:\n{text}"
        )


def tell(of: "Summary", *, full: bool, as_json: bool) -> None:
    """The story of a run."""
    from agentco.adapters.state.reports import known
    from agentco.cli import state, why
    from agentco.runs.run_story import story

    found = story(
        of.id,
        state.looked(lambda t: known(t, of, current_company.stamp(), state.alive), {}),
    )
    if as_json:
        screen.document(why.document(found))
    else:
        why.show(found, full=full)


def step(t: "Transaction", row: "Row") -> dict[str, object]:
    """One effect as the founder sees it."""
    from agentco.adapters.state.reports import item
    from agentco.engine.settle import why_of

    result = t.event(row.result) if row.result else None
    usd = t.paid(row)
    what = (
        f"{row.wanted.__struct_config__.tag} {row.model} {f'${usd:.6f}' if usd else ''}"
    )
    return {
        "id": row.id,
        "what": what.strip() if row.model else item(row).what,
        "state": str(row.state),
        "rule": t.ruled(row),
        "cost_usd": usd,
        "model": row.model or None,
        "why": (result and why_of(result)) or None,
        "result": getattr(result, "text", None),
    }


@runs.command("resume")
def resume(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Which; without it, all that can."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run whose process ended: what was paid for is kept, what was lost is asked again once.

    Examples:
      agentco runs resume
    """
    from agentco.adapters.state.reports import pieces
    from agentco.cli.run_at_terminal import resumed, told
    from agentco.cli.state import listed, run_named
    from agentco.cli.trust import trusted_edges

    edges = trusted_edges()
    status = {one: status for one, status in listed(everything=True) if not run}
    found = (
        [run_named(run)]
        if run
        else [one for one in pieces([*status]) if status[one] == "interrupted"]
    )
    if not found:
        screen.note("nothing was interrupted")
    outcomes = (resumed(edges, one.id, as_json=as_json) for one in found)
    if as_json and not run:
        ended = list(outcomes)
        screen.document({"runs": [one.document() for one in ended]})
        raise typer.Exit(max((one.exit_code for one in ended), default=0))
    raise typer.Exit(max((told(one, as_json=as_json) for one in outcomes), default=0))


@runs.command("cancel")
def cancel(run: RunId, as_json: Json = False) -> None:
    """End a run and its children, also one that is blocked. A call that is under way counts as spent, in doubt.

    Examples:
      agentco runs cancel k7m2ab
    """
    from agentco.adapters.state.reports import piece_of
    from agentco.cli import state
    from agentco.engine.settle import cancelled, dropped

    found, why = state.run_named(run, deciding=True), "the founder cancelled it"
    blocked = found.phase == "blocked"
    root = (
        found.id if blocked else state.looked(lambda t: piece_of(t, found.id), found.id)
    )

    def act(t: "Transaction") -> None:
        if not (
            t.run(found.id).undecided or any(one.undecided for one in t.runs(root))
        ):
            raise WrongUsage(f"run {root} is over", hint="agentco runs lists them")
        if blocked and found.parent:
            dropped(t, t.run(root), why, current_company.stamp())
            return
        if state.alive(t.root(found.root)[1]):
            t.set_run(found.root, cancel=why)
        else:
            cancelled(t, root, why, current_company.stamp())

    state.writing(act)
    answer(
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
    as_json: Json = False,
) -> None:
    """Say what became of something in doubt, such as a call whose answer never arrived.

    Examples:
      agentco runs settle k7m2ab 3 --drop
    """
    from agentco.cli.state import run_named, writing
    from agentco.engine.settle import settled_by_founder

    chosen = [
        how
        for how, wanted in (("done", done), ("again", again), ("drop", drop))
        if wanted
    ]
    if len(chosen) != 1:
        raise WrongUsage(
            "say what became of it", hint="one of --done, --again and --drop"
        )
    at, number = current_company.stamp(), effect.rpartition(".")[2]

    of = run_named(run, deciding=True).id

    def act(t: "Transaction") -> str:
        row = t.effect(of, int(number) if number.isdecimal() else 0)
        settled_by_founder(t, row, chosen[0], at)
        return row.id

    name = writing(act)
    answer(
        {"effect": name, "settled": chosen[0]},
        f"{name} is settled: {chosen[0]}",
        as_json=as_json,
    )


@runs.command("prune")
def prune(
    days: Annotated[
        int, typer.Option("--days", min=1, help="Keep what is younger.")
    ] = 90,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Forget prompts, answers and results of old runs; the runs, their costs and the audit stay.

    Examples:
      agentco runs prune --days 30
    """
    from datetime import timedelta

    from agentco.cli.state import looked, writing

    before = (current_company.now() - timedelta(days=days)).isoformat(
        timespec="seconds"
    )
    count = looked(lambda t: len(t.prunable(before)), 0)
    if count and not screen.agreed(
        f"forget {count} texts older than {days} days?", yes=yes
    ):
        answer({"pruned": 0}, "nothing is forgotten", as_json=as_json)
        raise typer.Exit(1)
    pruned = writing(lambda t: t.prune(before)) if count else 0
    answer(
        {"pruned": pruned},
        f"{pruned} texts older than {days} days are forgotten",
        as_json=as_json,
    )
