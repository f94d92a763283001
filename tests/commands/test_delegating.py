"""Handing out work, by the COO's choice and by the plan's: real commands, a real server, several at once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from claims import claim
from small_company import NOW, Place, company_line, models_at
from terminal_picture import HIDE, SHOW, widest
from terminal_screen import Screen
from test_at_terminal import Terminal
from typed import Do
from wire.server import Call, Fault, Say, WireServer

from agentco.briefing import Assignment
from agentco.engine import (
    Office,
    RunRequest,
    drive_run,
    proceed_without_founder,
    start_run,
)
from agentco.wiring import open_company

COO, MARKETING, BOOKS = "~I am coo", "~I am marketing", "~I am accountant"
TODAY = NOW.date()
EARLIER = TODAY - timedelta(days=2)
BOARD = (
    f"- [ ] Write the launch post @marketing due:{EARLIER} id:T1",
    f"- [ ] Match the bank lines @accountant due:{TODAY} id:T2\n  - the two of last week too",
    f"- [ ] Send the invoices @founder due:{TODAY} id:T3",
    f"- [ ] Plan the week @coo due:{TODAY} id:T4",
    f"- [ ] Print the flyer @marketing due:{TODAY} #blocked id:T5",
    f"- [ ] Write the pricing page @marketing due:{EARLIER} missed:2 missed-on:{EARLIER} id:T6",
    "- [ ] Write next month's letter @marketing due:2099-12-31 id:T7",
)
GIVE = Call(
    name="Delegate",
    arguments='{"agent": "marketing", "what": "Draft the launch post", "task": "T1"}',
)
BOTH = [
    GIVE,
    Call(
        name="Delegate",
        arguments='{"agent": "accountant", "what": "Tidy up", "reason": "he asked"}',
    ),
]
STUCK = Say(fault=Fault.NO_HEAD)
ASKS = [Call(name="AskFounder", arguments='{"question": "Which price?"}')]

pytestmark = pytest.mark.usefixtures("frozen_clock", "house")


@pytest.fixture
def house(place: Place, wire: WireServer) -> Place:
    """A company with an orchestrator, two departments, a board, and a model server."""
    for name in ("coo", "marketing", "accountant"):
        place.agent(name)
    place.board(*BOARD)
    settle(place, wire)
    return place


def settings_at(url: str, more: str = "") -> str:
    line = company_line(timezone="UTC", orchestrator="coo")
    models = models_at(url, light="m", medium="m")
    return f"{line}{models}{more}\n"


def settle(place: Place, wire: WireServer, more: str = "") -> None:
    place.settings(settings_at(wire.url, more))
    place.trust()


def told(wire: WireServer, role: str) -> list[str]:
    """Everything that an agent was told, call by call."""
    calls = [request.body["messages"] for request in wire.requests]
    return [
        json.dumps(said, ensure_ascii=False)
        for said in calls
        if role[1:] in json.dumps(said)
    ]


@claim("delegation:plan-told")
def test_the_orchestrator_is_told_the_plan_as_data_and_nobody_else_is(
    wire: WireServer, do: Do
) -> None:
    wire.script({"*": [Say(text="Done.")]})
    assert do("ask", "coo", "what is next?").code == 0
    assert do("ask", "marketing", "what is next?").code == 0
    heard = told(wire, COO)[0]
    assert '<file file=\\"the day plan\\">' in heard
    assert "T1 @marketing Write the launch post, 2 days late (task-overdue)" in heard
    assert "T5 @marketing Print the flyer (task-due-today)" in heard
    assert "Spent: $0.00 of $3.00 today" in heard
    assert "the day plan" not in told(wire, MARKETING)[0]


@claim("delegation:parallel")
def test_departments_work_side_by_side_and_one_summary_comes_back(
    wire: WireServer, do: Do
) -> None:
    slow = Say(text="Done by me.", delay=0.5)
    wire.script(
        {
            COO: [Say(calls=BOTH), Say(text="Both are through.")],
            MARKETING: [slow],
            BOOKS: [slow],
        }
    )
    said = do("ask", "coo", "get it going")
    assert (said.code, said.out) == (0, "Both are through.\n")
    assert wire.bill.most_open == 2
    assert told(wire, COO)[-1].count("Done by me.") == 2
    assert "From: coo\\nTask: Write the launch post" in told(wire, MARKETING)[0]
    assert "Task: a new one" in told(wire, BOOKS)[0]


@claim("runs:children")
@pytest.mark.parametrize(
    "answer",
    ["", "<deliverable></deliverable>", "Needs: you.\n<deliverable> </deliverable>"],
)
def test_a_department_that_marks_nothing_to_go_out_has_failed(
    wire: WireServer, do: Do, answer: str
) -> None:
    wire.script(
        {
            COO: [Say(calls=[GIVE]), Say(text="Nothing came.")],
            MARKETING: [Say(text=answer)],
        }
    )
    [given] = do("ask", "coo", "get it going", "--json").document["delegations"]
    assert given["status"] == "failed"
    assert "the model gave no answer" in told(wire, COO)[-1]


@claim("delegation:reason")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "name the `task` of the day plan that this is, or give a `reason`"),
        ({"reason": " "}, "give a `reason` for a new one"),
        ({"task": "T99"}, "there is no open task 'T99' on the board"),
        ({"agent": "sales", "reason": "he asked"}, "there is no agent 'sales'"),
        ({"agent": "coo", "reason": "he asked"}, "coo"),
    ],
)
def test_what_cannot_be_delegated_is_told_before_anything_is_spent(
    wire: WireServer, do: Do, more: dict[str, str], why: str
) -> None:
    call = Call(
        name="Delegate",
        arguments=json.dumps({"agent": "marketing", "what": "Draft it"} | more),
    )
    wire.script({COO: [Say(calls=[call]), Say(text="I do it myself.")]})
    assert do("ask", "coo", "go").out == "I do it myself.\n"
    assert len(wire.requests) == 2
    assert why in told(wire, COO)[-1]


@claim("delegation:waits")
def test_a_department_that_waits_for_the_founder_holds_up_nobody_else(
    wire: WireServer, do: Do
) -> None:
    wire.script(
        {
            COO: [Say(calls=BOTH), Say(text="One is there, the other waits for you.")],
            MARKETING: [Say(calls=ASKS), Say(text="The post as you wish.")],
            BOOKS: [Say(text="Tidied.")],
        }
    )
    said = do("ask", "coo", "get it going", "--json")
    found = said.document
    assert (said.code, found["status"], found["text"]) == (
        0,
        "done",
        "One is there, the other waits for you.",
    )
    [item] = found["waits"]
    assert (item["kind"], item["what"]) == ("question", "Which price?")
    assert [one["status"] for one in found["delegations"]] == ["waiting", "done"]
    why = do("runs", "show", found["run"], "--why", "--json").document["children"]
    assert [one["status"] for one in why] == ["waiting", "done"]
    assert "waiting: it waits for the founder: Which price?" in told(wire, COO)[-1]
    assert [
        one["status"]
        for one in do("runs", "--all", "--json").document["runs"]
        if one["agent"] == "marketing"
    ] == ["waiting"]
    answered = do("answer", item["id"], "nine", "--json").document
    assert (answered["agent"], answered["status"], answered["text"]) == (
        "marketing",
        "done",
        "The post as you wish.",
    )
    assert "The post as you wish." in do("runs", "show", answered["run"]).out
    assert len(told(wire, COO)) == 2
    assert do("inbox", "--json").document["items"] == []
    root = do("runs", "show", found["run"], "--json").document
    assert (root["status"], root["text"]) == ("done", found["text"])
    assert {effect["state"] for effect in root["effects"]} == {"done"}


@claim("delegation:waits")
def test_what_goes_on_under_a_run_that_is_over_is_resumed_and_ended_like_any_other(
    wire: WireServer, do: Do
) -> None:
    wire.script(
        {
            COO: [Say(calls=[GIVE]), Say(text="It waits for you.")],
            MARKETING: [
                Say(calls=ASKS),
                Say(status=401),
                Say(calls=ASKS),
                Say(text="Unheard."),
            ],
        }
    )
    [item] = do("ask", "coo", "go", "--json").document["waits"]
    child = item["run"] if "run" in item else item["id"].rpartition(".")[0]
    lost = do("answer", item["id"], "nine", "--json")
    assert (lost.code, lost.document["run"], lost.document["status"]) == (
        4,
        child,
        "interrupted",
    )
    assert do("standup", "--json").document["facts"]["runs_failed"][0]["id"] == child
    [resumed] = do("runs", "resume", "--json").document["runs"]
    assert (resumed["run"], resumed["status"]) == (child, "waiting")
    assert do("runs", "cancel", child).code == 0
    assert do("inbox", "--json").document["items"] == []
    statuses = {
        one["agent"]: one["status"]
        for one in do("runs", "--all", "--json").document["runs"]
    }
    assert statuses == {"coo": "done", "marketing": "cancelled"}


@claim("delegation:waits")
def test_what_nobody_reviewed_is_the_founders_once_the_caller_went_on(
    house: Place, wire: WireServer, do: Do
) -> None:
    settle(house, wire, "triggers: [{name: stripes, words: [zebra], consult: [ghost]}]")
    post, asks = "The zebra post.", Say(calls=ASKS)
    wire.script(
        {
            COO: [Say(calls=[GIVE]), Say(text="It waits.")],
            MARKETING: [asks, Say(text=post)],
        }
    )
    [item] = do("ask", "coo", "go", "--json").document["waits"]
    said = do("answer", item["id"], "nine")
    assert (said.code, said.out) == (6, "")
    [left] = do("inbox", "--json").document["items"]
    assert (left["kind"], left["run"]) == ("owed-review", item["id"].rpartition(".")[0])
    waived = do("waive", left["run"], "stripes", "--why", "I read it")
    assert (waived.code, waived.out) == (0, f"{post}\n")


@claim("delegation:waits")
def test_one_that_is_cancelled_under_a_run_that_is_over_takes_no_other_along(
    wire: WireServer, do: Do
) -> None:
    wire.script(
        {
            COO: [Say(calls=BOTH), Say(text="They wait.")],
            MARKETING: [Say(calls=ASKS)],
            BOOKS: [Say(calls=ASKS)],
        }
    )
    one, other = (
        each["run"] for each in do("ask", "coo", "go", "--json").document["delegations"]
    )
    assert do("runs", "cancel", one).out == f"run {one} is cancelled\n"
    statuses = {
        run["id"]: run["status"]
        for run in do("runs", "--all", "--json").document["runs"]
    }
    assert statuses == {
        one.partition(".")[0]: "done",
        one: "cancelled",
        other: "waiting",
    }


@claim("delegation:standup")
def test_the_plan_goes_to_its_owners_at_once_and_once_a_day(
    house: Place, wire: WireServer, do: Do
) -> None:
    slow = Say(text="Done by me.", delay=0.5)
    wire.script({MARKETING: [slow], BOOKS: [slow]})
    said = do("standup", "--delegate", "--yes", "--json")
    found = said.document
    assert said.code == 0
    assert {
        (d["task"], d["agent"], d["status"], d["text"]) for d in found["delegations"]
    } == {
        ("T1", "marketing", "done", "Done by me."),
        ("T2", "accountant", "done", "Done by me."),
    }
    assert (wire.bill.most_open, found["models_called"], len(wire.requests)) == (
        2,
        2,
        2,
    )
    assert round(found["cost_usd"] * 1e6) == wire.bill.micro_usd
    assert found["spend"]["day_usd"] == found["cost_usd"]
    [heard] = told(wire, BOOKS)
    assert "Task: T2: Match the bank lines" in heard
    assert "the two of last week too" in heard
    assert told(wire, COO) == []
    assert "[x]" not in house.board_text()
    again = do("standup", "--delegate", "--yes")
    assert "nothing was delegated, no model was woken: no department" in again.err
    assert "woke 0 models, $0.00" in again.out
    assert len(wire.requests) == 2


@claim("delegation:standup")
@pytest.mark.usefixtures("house")
def test_the_screen_tells_department_task_status_cost_and_run(
    wire: WireServer, do: Do
) -> None:
    wire.script({MARKETING: [Say(calls=ASKS)], BOOKS: [Say(text="Done.")]})
    said = do("standup", "--delegate", "--yes")
    words = [line.split() for line in said.out.splitlines()]
    assert ["marketing", "T1", "waiting"] in [line[:3] for line in words]
    assert ["accountant", "T2", "done"] in [line[:3] for line in words]
    assert "\nwoke 2 models, $0.0" in said.out
    assert do("standup", "--delegate", "--yes").out.count("woke 0 models") == 1


@claim("live:block")
def test_delegated_work_stands_in_one_block_a_line_for_each_author(
    house: Place, wire: WireServer
) -> None:
    wire.script({MARKETING: [STUCK], BOOKS: [Say(text="Done.")]})
    screen = Screen(house, "standup", "--delegate", "--yes", columns=100)
    picture = screen.picture("1 of 2 tasks finished", "marketing", "workshop/m")
    rows = {line.split()[0]: line for line in picture.splitlines() if line.split()}
    assert rows["coo"].split()[:2] == ["coo", "waiting"]
    assert "writing" in rows["marketing"]
    assert "Write the launch post" in rows["marketing"]
    assert "done" in rows["accountant"]
    assert widest(picture) < 100
    os.kill(screen.process.pid, signal.SIGINT)
    screen.end()
    assert screen.process.returncode == 130
    assert screen.seen.count(HIDE) == screen.seen.count(SHOW) == 1


@claim("live:lines")
@pytest.mark.usefixtures("house")
def test_delegated_work_is_a_line_for_each_step_off_a_terminal(
    wire: WireServer, do: Do
) -> None:
    wire.script({MARKETING: [Say(text="Done.")], BOOKS: [Say(text="Done.")]})
    told_lines = do("standup", "--delegate", "--yes").err.splitlines()
    for agent in ("marketing", "accountant"):
        assert f"{agent}: asks workshop/m" in told_lines
        assert f"{agent}: wrote a draft, 1 word" in told_lines


@claim("delegation:asked")
@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--no-delegate",),
        ("--dry-run", "--delegate"),
        ("--date", "today", "--delegate"),
    ],
)
def test_nothing_is_delegated_unasked_and_never_for_another_day(
    wire: WireServer, do: Do, args: tuple[str, ...]
) -> None:
    wire.script({"*": [Say(text="Done.")]})
    said = do("standup", *args)
    assert said.code == 0
    assert "woke 0 models, $0.00" in said.out
    assert wire.requests == []


@claim("delegation:asked")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("models: {}", "no model can be asked: agentco doctor"),
        ("company: {orchestrator: none}", "the company has no orchestrator"),
    ],
)
def test_what_stands_in_the_way_is_said_and_the_standup_is_none_the_worse(
    house: Place, wire: WireServer, do: Do, more: str, why: str
) -> None:
    key = more.partition(":")[0]
    lines = settings_at(wire.url).splitlines()
    house.settings(
        "\n".join(more if line.startswith(f"{key}:") else line for line in lines)
    )
    house.trust()
    said = do("standup", "--delegate", "--yes")
    assert (said.code, f"no model was woken: {why}" in said.err) == (0, True)


@claim("delegation:asked")
def test_a_folder_that_is_not_trusted_or_halted_delegates_nothing(
    house: Place, wire: WireServer, do: Do
) -> None:
    assert do("halt").code == 0
    assert "the company is halted since" in do("standup", "--delegate", "--yes").err
    house.settings(settings_at(wire.url.replace("127.0.0.1", "localhost")))
    said = do("standup", "--delegate", "--yes")
    assert (said.code, "not trusted" in said.err, wire.requests) == (0, True, [])


@claim("delegation:no-founders-words")
def test_what_the_board_says_is_no_founders_word_in_what_is_delegated(
    house: Place, wire: WireServer, do: Do
) -> None:
    text = (house.root / ".github/agents/marketing.agent.md").read_text()
    path = house.root / ".github/agents/marketing.agent.md"
    path.write_text(
        text.replace("description:", "agentco: {public: true}\ndescription:")
    )
    house.board(f"- [ ] Tell them that 417 teams use it @marketing due:{TODAY} id:T1")
    wire.script({MARKETING: [Say(text="417 teams use it.")]})
    [one] = do("standup", "--delegate", "--yes", "--json").document["delegations"]
    assert (one["status"], one["text"]) == ("blocked", None)
    assert "grounding" in one["reason"]


@claim("delegation:waits")
@pytest.mark.parametrize("settled", [False, True])
def test_a_process_that_dies_before_or_after_it_goes_on_without_one_is_taken_over(
    house: Place, wire: WireServer, do: Do, settled: bool
) -> None:
    wire.script(
        {
            COO: [Say(calls=[GIVE]), Say(text="It waits for you.")],
            MARKETING: [Say(calls=ASKS)],
        }
    )

    async def until_it_dies(office: Office) -> str:
        agent = office.company.find_agent("coo")
        assert agent
        work = Assignment(task="go", today=TODAY)
        try:
            root = await start_run(
                RunRequest(agent=agent, work=work, title="go"), office
            )
            await drive_run(root, office)
            if settled:
                assert await proceed_without_founder(root, office)
                assert not await proceed_without_founder(root, office)
            return root
        finally:
            await office.models.aclose()

    with open_company(house.root).open_office() as office:
        root = asyncio.run(until_it_dies(office))
    found = do("runs", "resume", root)
    assert (found.code, found.out) == (0, "It waits for you.\n")
    assert len(told(wire, COO)) == 2


STORY = """
- {when: 'name="coo"', calls: [{name: Delegate, arguments: {agent: marketing, what: Draft it, task: T1}}]}
- {when: 'name="coo"', text: All that there is.}
- {when: 'name="marketing"', calls: [{name: AskFounder, arguments: {question: "Which colour?"}}]}
- {when: 'name="marketing"', text: The draft.}
- {when: 'name="accountant"', text: Tidied.}
"""


@pytest.fixture
def staged(house: Place) -> Place:
    """The same company with a script in place of the server."""
    settings = settings_at("http://127.0.0.1:9").replace(
        "workshop/m]", "scripted/s.yml]"
    )
    house.settings(settings.replace("workshop/m:", '"scripted/s.yml":'))
    (house.root / "s.yml").write_text(STORY)
    house.trust()
    return house


@claim("delegation:waits")
@pytest.mark.parametrize(("typed", "waits"), [("blue\n", 0), ("\n", 1)])
def test_at_a_terminal_the_founder_is_asked_once_and_then_it_goes_on_without(
    staged: Place, do: Do, typed: str, waits: int
) -> None:
    terminal = Terminal(staged, "ask", "coo", "go", typed=typed)
    assert terminal.end() == 0
    assert terminal.seen.count("marketing asks: Which colour?") == 1
    assert "All that there is." in terminal.seen
    assert len(do("inbox", "--json").document["items"]) == waits


@claim("delegation:asked")
@pytest.mark.parametrize(("typed", "woken"), [("y\n", 2), ("n\n", 0), ("\n", 0)])
@pytest.mark.parametrize("by_settings", [False, True])
def test_at_a_terminal_the_standup_asks_first_and_says_what_it_may_cost(
    staged: Place, typed: str, woken: int, *, by_settings: bool
) -> None:
    option = ["--delegate"]
    if by_settings:
        text = (staged.root / ".github/agentco.yml").read_text()
        staged.settings(
            text.replace("company: {", "company: {offer_delegation: true, ")
        )
        staged.trust()
        option = []
    terminal = Terminal(staged, "standup", *option, typed=typed)
    assert terminal.end() == 0
    assert (
        "delegate T1 to marketing, T2 to accountant (up to $2.00)? [y/N]"
        in terminal.seen
    )
    assert ("woke 2 models" in terminal.seen) is (woken == 2)


@claim("delegation:asked")
@pytest.mark.parametrize("option", [(), ("--no-delegate",)])
def test_about_money_nobody_asks_unasked(staged: Place, option: tuple[str]) -> None:
    terminal = Terminal(staged, "standup", *option)
    assert terminal.end() == 0
    assert "y/N" not in terminal.seen
    assert "woke 0 models" in terminal.seen


@claim("delegation:asked")
def test_a_plan_that_goes_to_a_pager_or_a_file_asks_nothing(staged: Place) -> None:
    terminal = Terminal(staged, "standup", "--delegate", piped=True)
    assert terminal.process.stdout
    with terminal.process.stdout as out:
        plan = out.read()
    assert terminal.end() == 0
    assert "y/N" not in terminal.seen
    assert "--yes means yes" in terminal.seen
    assert "woke 0 models" in plan


@claim("delegation:once")
def test_two_standups_at_the_same_moment_give_no_task_out_twice(
    house: Place, wire: WireServer
) -> None:
    wire.script({"*": [Say(text="Done.", delay=0.2)]})
    command = [
        sys.executable,
        "-m",
        "agentco",
        "--company",
        str(house.root),
        "standup",
        "--delegate",
        "--yes",
        "--json",
    ]
    standups = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = [one.communicate(timeout=60) for one in standups]
    assert [one.returncode for one in standups] == [0, 0, 0, 0], said
    given = [each["task"] for out, _ in said for each in json.loads(out)["delegations"]]
    assert sorted(given) == ["T1", "T2"]
    assert len(wire.requests) == 2


@claim("delegation:once")
def test_tasks_whose_titles_begin_alike_are_given_out_together(
    house: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"*": [Say(text="Done.")]})
    house.board(
        f"- [ ] Write @marketing due:{TODAY}",
        f"- [ ] Write the letter @accountant due:{TODAY}",
    )
    found = do("standup", "--delegate", "--yes", "--json").document["delegations"]
    assert [one["task"] for one in found] == ["Write", "Write the letter"]


@claim("delegation:exit")
@pytest.mark.parametrize(
    ("marketing", "books", "code"),
    [
        (Say(text="The zebra."), Say(text="The zebra."), 1),
        (Say(text="The zebra."), Say(text="Done."), 0),
        (Say(text="The zebra."), Say(calls=ASKS), 0),
    ],
)
def test_a_standup_of_which_nothing_came_exits_with_1(
    house: Place, wire: WireServer, do: Do, marketing: Say, books: Say, code: int
) -> None:
    settle(
        house,
        wire,
        "triggers: [{name: stripes, words: [zebra], consult: [coo]}]\nreviews: {max_revisions: 0}",
    )
    text = (house.root / ".github/agents/marketing.agent.md").read_text()
    for name in ("marketing", "accountant"):
        path = house.root / f".github/agents/{name}.agent.md"
        path.write_text(
            text.replace("marketing", name).replace(
                "description:", "agentco: {public: true}\ndescription:"
            )
        )
    settings = (house.root / ".github/agentco.yml").read_text()
    house.settings(settings + 'claims: {watch: ["zebra*"]}\n')
    house.trust()
    wire.script({MARKETING: [marketing], BOOKS: [books]})
    said = do("standup", "--delegate", "--yes", "--json")
    statuses = {one["status"] for one in said.document["delegations"]}
    assert (said.code, "blocked" in statuses) == (code, True), said.document[
        "delegations"
    ]
