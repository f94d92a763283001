"""`agentco runs`: what ran, what it did, and what goes on."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.edges.cli import here, screen
from agentco.edges.cli.options import Json, Yes, answer
from agentco.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.edges.office import OpenOffice
    from agentco.edges.stores.state.reports import Summary
    from agentco.edges.stores.state.transaction import Transaction
    from agentco.work.effects import Row
    from agentco.work.run import Run

runs = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")]
FEW = 20


@runs.callback()
def listing(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Every run, with its children.")] = False,
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
    from agentco.edges.cli.state import drivers, looked
    from agentco.edges.stores.state import reports
    from agentco.governance.budget import dollars

    found = looked(lambda t: reports.runs(t, limit=-1 if everything else FEW, everything=everything), [])
    alive = drivers().alive
    rows = [(run, run.status(alive)) for run in found]
    if as_json:
        screen.document({"runs": [document(run, status) for run, status in rows]})
        return
    if not rows:
        screen.say('nothing has run yet: agentco ask AGENT "…"')
        return
    screen.table(
        ["run", "agent", "status", "started", "cost", "what"],
        [[r.id, r.agent, status, r.started[:16], dollars(r.usd), r.title] for r, status in rows],
        clip=True,
    )


def document(run: "Summary", status: str) -> dict[str, object]:
    """A run in the listing's document."""
    return {
        "id": run.id,
        "parent": run.parent,
        "agent": run.agent,
        "prompt": run.prompt or None,
        "title": run.title,
        "status": status,
        "started": run.started,
        "ended": run.ended,
        "cost_usd": run.usd / 1e6,
        "calls": run.calls,
        "in_doubt": run.in_doubt,
    }


@runs.command("show")
def show(
    run: RunId,
    full: Annotated[bool, typer.Option("--full", help="With what every step brought.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a run was asked, every step with its ruling and cost, and what came of it.

    Examples:
      agentco runs show k7m2ab --full
    """
    from agentco.edges.cli.state import drivers, looked
    from agentco.edges.stores.state import reports
    from agentco.governance.budget import dollars
    from agentco.runtime.settle import answer_of

    def look(t: "Transaction") -> "tuple[Summary, Run, str, str, list[dict[str, object]]]":
        summary = reports.run_named(t, run)
        head, asked = t.run(summary.id), t.asked(summary.id)
        steps = [step(t, row) for row in t.effects(summary.root)]
        return summary, head, asked.task if asked else "", answer_of(t, head), steps

    found = looked(look, None)
    if found is None:
        raise WrongUsage(f"no run {run!r}", hint="nothing has run yet")
    summary, head, asked, text, steps = found
    status = summary.status(drivers().alive)
    if as_json:
        more = {"asked": asked or None, "text": text or None, "reason": head.reason or None, "effects": steps}
        screen.document(document(summary, status) | more)
        return
    screen.say(f"{summary.id}  {summary.agent}  {status}{f': {head.reason}' if head.reason else ''}", screen.Look.BOLD)
    screen.say(f"started {summary.started}, {summary.calls} calls, {dollars(summary.usd)}")
    screen.say(f"\nasked: {asked or 'no longer kept'}")
    screen.table(
        ["step", "state", "ruling", "what"],
        [[str(s["id"]), str(s["state"]), str(s["rule"]), str(s["what"])] for s in steps],
        clip=True,
    )
    for shown in steps if full else ():
        screen.say(f"--- {shown['id']} {shown['what']}\n{shown['result'] or ''}")
    if text:
        screen.say(text)


def step(t: "Transaction", row: "Row") -> dict[str, object]:
    """One effect as the founder sees it."""
    from agentco.edges.stores.state.reports import item

    result = t.event(row.result) if row.result else None
    usd = t.paid(row)
    what = f"{row.wanted.__struct_config__.tag} {row.model} {f'${usd:.6f}' if usd else ''}"
    return {
        "id": row.id,
        "what": what.strip() if row.model else item(row).what,
        "state": str(row.state),
        "rule": t.ruled(row),
        "cost_usd": usd,
        "result": getattr(result, "text", None),
    }


@runs.command("resume")
def resume(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Which; without it, all that can.")] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run whose process ended: what was paid for is kept, what was lost is asked again once.

    Examples:
      agentco runs resume
    """
    from agentco.edges.cli.state import drivers, looked
    from agentco.edges.cli.trust import trusted_edges
    from agentco.edges.cli.working import told, worked
    from agentco.edges.stores.state import reports
    from agentco.runtime.drive import taken_over

    edges, alive = trusted_edges(), drivers().alive
    if run is None:
        every = looked(lambda t: reports.runs(t, limit=-1), [])
        found = [r for r in every if r.status(alive) == "interrupted"]
    else:
        found = looked(lambda t: [reports.run_named(t, run)], [])
    if not found:
        screen.note("nothing was interrupted" if run is None else f"no run {run!r}")
        raise typer.Exit(0 if run is None else 2)
    codes = list[int]()
    for summary in found:
        root = summary.root

        async def begin(office: "OpenOffice", root: str = root) -> str:
            await taken_over(root, office)
            return root

        codes.append(told(worked(edges, begin, as_json=as_json), as_json=as_json))
    raise typer.Exit(max(codes))


@runs.command("cancel")
def cancel(run: RunId, as_json: Json = False) -> None:
    """End a run and its children. A call that is under way counts as spent, and is listed as in doubt.

    Examples:
      agentco runs cancel k7m2ab
    """
    from agentco.edges.cli.state import drivers, writing
    from agentco.edges.stores.state import reports
    from agentco.runtime.settle import cancelled

    at = here.stamp()
    alive = drivers().alive

    def act(t: "Transaction") -> str:
        summary = reports.run_named(t, run)
        root = summary.root
        if t.run(root).over:
            raise WrongUsage(f"run {root} is over", hint="agentco runs lists them")
        if alive(t.root(root)[1]):
            t.set_run(root, cancel="the founder cancelled it")
        else:
            cancelled(t, root, "the founder cancelled it", at)
        return root

    root = writing(act)
    answer({"run": root, "status": "cancelled"}, f"run {root} is cancelled", as_json=as_json)


@runs.command("settle")
def settle(
    run: RunId,
    effect: Annotated[str, typer.Argument(metavar="EFFECT", help="The number of the effect in doubt.")],
    done: Annotated[bool, typer.Option("--done", help="It happened (a call: it was billed).")] = False,
    again: Annotated[bool, typer.Option("--again", help="It did not: do it again.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="It did not, and shall not (a call: not billed).")] = False,
    as_json: Json = False,
) -> None:
    """Say what became of something in doubt, such as a call whose answer never arrived.

    Examples:
      agentco runs settle k7m2ab 3 --drop
    """
    from agentco.edges.cli.state import writing
    from agentco.edges.stores.state import reports
    from agentco.runtime.settle import settled_by_founder

    chosen = [how for how, wanted in (("done", done), ("again", again), ("drop", drop)) if wanted]
    if len(chosen) != 1:
        raise WrongUsage("say what became of it", hint="one of --done, --again and --drop")
    at, number = here.stamp(), effect.rpartition(".")[2]

    def act(t: "Transaction") -> str:
        summary = reports.run_named(t, run)
        row = t.effect(summary.id, int(number) if number.isdecimal() else 0)
        settled_by_founder(t, row, chosen[0], at)
        return row.id

    name = writing(act)
    answer({"effect": name, "settled": chosen[0]}, f"{name} is settled: {chosen[0]}", as_json=as_json)


@runs.command("prune")
def prune(
    days: Annotated[int, typer.Option("--days", min=1, help="Keep what is younger.")] = 90,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Forget prompts, answers and results of old runs; the runs, their costs and the audit stay.

    Examples:
      agentco runs prune --days 30
    """
    from datetime import timedelta

    from agentco.edges.cli.state import looked, writing

    before = (here.now() - timedelta(days=days)).isoformat(timespec="seconds")
    count = looked(lambda t: len(t.prunable(before)), 0)
    if count and not screen.agreed(f"forget {count} texts older than {days} days?", yes=yes):
        raise typer.Exit(1)
    pruned = writing(lambda t: t.prune(before)) if count else 0
    answer({"pruned": pruned}, f"{pruned} texts older than {days} days are forgotten", as_json=as_json)
