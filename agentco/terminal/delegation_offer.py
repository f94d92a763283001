"""The offer to give due tasks to their owners, with what that may cost at most."""

from agentco.day.report import StandupReport
from agentco.desk.open_company import OpenCompany
from agentco.kernel.money import format_dollars
from agentco.terminal import screen

MICRO_PER_CENT = 10_000


def delegate_tasks(
    company: OpenCompany,
    report: StandupReport,
    *,
    is_wanted: bool,
    yes: bool,
    as_json: bool,
) -> StandupReport:
    """Have the due tasks worked on if the founder says yes; return the report.

    `is_wanted` if they asked for the offer: then it is told why there is none. The work is shown
    while it goes on, except under `--json`.
    """
    from agentco.desk.delegating import delegate, offer_delegation
    from agentco.terminal.live_draft import LiveDraft

    offer = offer_delegation(company, report)
    if offer.why_not:
        if is_wanted:
            screen.print_note(
                f"nothing was delegated, no model was woken: {offer.why_not}"
            )
        return report
    tasks = ", ".join(f"{task.name} to {task.agent.id}" for task in offer.tasks)
    # Rounded up to the cent: what is promised as the most must not be exceeded.
    cents = -(-offer.worst_case // MICRO_PER_CENT)
    most = format_dollars(cents * MICRO_PER_CENT)
    question = f"delegate {tasks} (up to {most})?"
    if not yes and not screen.at_terminal():
        if is_wanted:
            screen.print_note(
                f"{question} There is no terminal to answer at; --yes means yes"
            )
        return report
    if not screen.ask_yes_no(question, yes=yes):
        return report
    return delegate(company, report, offer, LiveDraft(wanted=not as_json, asks=False))
