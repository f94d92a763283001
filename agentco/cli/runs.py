"""`agentco runs`: what ran, what it did, and what goes on."""

from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption, RawOption, YesOption, print_answer
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

runs = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
RunId = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's id, or the start of it.",
        autocompletion=names_of("run"),
    ),
]
DEFAULT_SHOWN = 20


@runs.callback()
def list_runs(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every run, with its children.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List recent runs, or show, resume or end one.

    Examples:
      agentco runs
      agentco runs show k7m2ab
      agentco runs resume k7m2ab
    """
    if ctx.invoked_subcommand:
        return
    from agentco.desk.runs import list_runs
    from agentco.documents.runs import listed_run_document
    from agentco.terminal import run_screen

    limit = -1 if everything else DEFAULT_SHOWN
    company = current_company.open_current()
    standing_runs = list_runs(company, limit=limit, everything=everything)
    if as_json:
        documents = [listed_run_document(standing) for standing in standing_runs]
        screen.print_json({"runs": documents})
        return
    run_screen.print_runs(standing_runs, company.zone)


@runs.command("show")
def show(
    run: RunId,
    text: Annotated[
        bool, typer.Option("--text", help="Only the deliverable, as it is.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Include the result of every step.")
    ] = False,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Show who did what for whom, who reviewed it, and why."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a run was asked, each step with its ruling and cost, and the result.

    Examples:
      agentco runs show k7m2ab --text > post.md
      agentco runs show k7m2ab --full
      agentco runs show k7m2ab --why
    """
    from agentco.desk.runs import show_run
    from agentco.documents.runs import details_document
    from agentco.terminal import run_screen

    company = current_company.open_current()
    if text and (why or full or as_json):
        other = "--why" if why else "--full" if full else "--json"
        what = f"--text and {other} cannot be combined"
        raise WrongUsage(what, hint="give one of them")
    if why:
        print_why(run, full=full, as_json=as_json)
        return
    details = show_run(company, run)
    if as_json:
        screen.print_json(details_document(details))
    elif text:
        run_screen.print_deliverable(details)
    else:
        run_screen.print_details(details, company.zone, full=full)


def print_why(run: str, *, full: bool, as_json: bool) -> None:
    """Print the story of a run."""
    from agentco.desk.runs import tell_story
    from agentco.documents.runs import story_document
    from agentco.terminal import story_screen

    story = tell_story(current_company.open_current(), run)
    if as_json:
        screen.print_json(story_document(story))
    else:
        story_screen.print_story(story, full=full)


@runs.command("watch")
def watch(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="The run to watch; the one that is running if omitted.",
            autocompletion=names_of("run"),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document per event, on a line.")
    ] = False,
) -> None:
    """Watch a run of another process, such as agentco up, until it ends.

    Shows who is asked, the cost so far, the draft and what reviewers say. Ctrl-C ends only the
    watching. The exit code is that of the run: 0 done, 6 it waits for you, 4 interrupted.

    Examples:
      agentco runs watch
      agentco runs watch k7m2ab
      agentco runs watch k7m2ab --json
    """
    from agentco.cli.main import ended_by
    from agentco.desk.watching import find_running
    from agentco.terminal.watch_screen import Watch

    company = current_company.open_current()
    root = find_running(company, run)
    try:
        raise typer.Exit(Watch(company, root, as_json=as_json).follow())
    except KeyboardInterrupt:
        screen.print_note(f"the run is left alone: agentco runs watch {root}")
        raise typer.Exit(128 + ended_by[-1]) from None


@runs.command("resume")
def resume(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", help="The run to resume; all that can be if omitted."
        ),
    ] = None,
    raw: RawOption = False,
    as_json: JsonOption = False,
) -> None:
    """Resume a run whose process ended.

    Paid answers are kept; a lost call is asked again once.

    Examples:
      agentco runs resume
    """
    from agentco.desk.runs import interrupted_runs, resume_named
    from agentco.documents.runs import run_document
    from agentco.terminal.live_draft import LiveDraft
    from agentco.terminal.outcome_screen import print_outcome

    company = current_company.open_trusted()
    names = [run] if run else [found.id for found in interrupted_runs(company)]
    if not names:
        screen.print_note("nothing was interrupted")
    outcomes = (
        resume_named(company, name, LiveDraft(wanted=not as_json)) for name in names
    )
    if as_json and not run:
        ended = list(outcomes)
        documents = [run_document(outcome) for outcome in ended]
        screen.print_json({"runs": documents})
        raise typer.Exit(max((outcome.exit_code for outcome in ended), default=0))
    codes = [print_outcome(one, as_json=as_json, raw=raw) for one in outcomes]
    raise typer.Exit(max(codes, default=0))


@runs.command("cancel")
def cancel(run: RunId, as_json: JsonOption = False) -> None:
    """End a run and its children, even a blocked one.

    A call in progress counts as spent, in doubt.

    Examples:
      agentco runs cancel k7m2ab
    """
    from agentco.desk.runs import cancel_run

    root = cancel_run(current_company.open_current(), run)
    document = {"run": root, "status": "cancelled"}
    print_answer(document, f"run {root} is cancelled", as_json=as_json)


@runs.command("settle")
def settle(
    run: RunId,
    effect: Annotated[
        str, typer.Argument(metavar="EFFECT", help="The number of the action in doubt.")
    ],
    done: Annotated[
        bool, typer.Option("--done", help="It happened (a call was billed).")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="It did not happen: do it again.")
    ] = False,
    drop: Annotated[
        bool,
        typer.Option(
            "--drop", help="It did not happen, and should not (a call was not billed)."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Settle an action in doubt, such as a call whose answer never arrived.

    Examples:
      agentco runs settle k7m2ab 3 --drop
    """
    from agentco.desk.runs import Settlement, settle_effect

    chosen = Settlement.chosen(done=done, again=again, drop=drop)
    name = settle_effect(current_company.open_current(), run, effect, chosen)
    document = {"effect": name, "settled": str(chosen)}
    print_answer(document, f"{name} is settled: {chosen}", as_json=as_json)


@runs.command("prune")
def prune(
    days: Annotated[
        int, typer.Option("--days", min=1, help="Keep runs younger than this.")
    ] = 90,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete the prompts, answers and results of old runs; keep the runs, costs and audit.

    Examples:
      agentco runs prune --days 30
    """
    from agentco.desk.runs import count_prunable, prune_runs

    company = current_company.open_current()
    count = count_prunable(company, days)
    question = f"delete {count} texts older than {days} days?"
    if count and not screen.ask_yes_no(question, yes=yes):
        print_answer({"pruned": 0}, "nothing was deleted", as_json=as_json)
        raise typer.Exit(1)
    pruned = prune_runs(company, days) if count else 0
    words = f"{pruned} texts older than {days} days are forgotten"
    print_answer({"pruned": pruned}, words, as_json=as_json)
