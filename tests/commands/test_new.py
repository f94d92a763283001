"""`agentco new`: files that work as they are written, and never over another."""

import pytest
from claims import claim
from small_company import SETTINGS, Place, company_line
from typed import Do

pytestmark = claim("cli:new")

LED = company_line(orchestrator="coo")
STORY = "- text: Done.\n"
ODD = "How: we \"pay\" {back} #1, say 'yes' - or [no]\\ & *more*: |"


@pytest.fixture
def led(place: Place) -> Place:
    """A company with an orchestrator, who has a model."""
    place.settings(LED)
    place.agent("coo")
    place.board("- [ ] Write copy @coo")
    place.write("s.yml", STORY)
    place.trust()
    return place


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("agent", ".github/agents/tax-review.agent.md"),
        ("prompt", ".github/prompts/tax-review.prompt.md"),
        ("skill", ".github/skills/tax-review/SKILL.md"),
    ],
)
@pytest.mark.parametrize("description", ["", ODD])
def test_what_is_new_is_listed_and_check_says_nothing_about_it(
    led: Place, do: Do, kind: str, path: str, description: str
) -> None:
    before = do("check", "--strict", "--json").document["diagnostics"]
    more = ("--description", description) if description else ()
    said = do("new", kind, "Tax Review", *more)
    assert said.code == 0
    assert said.err == ""
    assert path in said.out
    assert (led.root / path).is_file()
    assert do("check", "--strict", "--json").document["diagnostics"] == before
    shown = do("show", f"{kind}s", "tax-review", "--json").document[f"{kind}s"][0]
    assert shown["description"] == (description or shown["description"])
    assert "tax review" in shown["description"] or description


def test_a_new_department_and_a_new_prompt_work_at_once(led: Place, do: Do) -> None:
    assert do("new", "agent", "sales", "--tier", "light").code == 0
    assert do("new", "prompt", "churn", "--agent", "sales").code == 0
    led.trust()
    for order in (("ask", "sales", "go"), ("run", "/churn")):
        said = do(*order, "--model", "scripted/s.yml")
        assert (said.code, said.out) == (0, "Done.\n")
        assert "sales, run " in said.err


def test_a_document_says_what_was_written_and_what_comes_next(
    led: Place, do: Do
) -> None:
    del led
    document = do("new", "prompt", "churn", "--json").document
    assert document == {
        "kind": "prompt",
        "name": "churn",
        "file": ".github/prompts/churn.prompt.md",
        "next": "agentco run /churn",
        "needs_trust": False,
    }
    cron = ("--schedule", "0 9 * * 1")
    assert do("new", "prompt", "cash", *cron, "--json").document["needs_trust"]
    jobs = do("schedule", "--json").document["jobs"]
    assert [job["prompt"] for job in jobs] == ["cash"]


@pytest.mark.parametrize(
    ("order", "hint"),
    [
        (("agent", "COO"), "nothing is overwritten"),
        (("agent", "half"), "nothing is overwritten"),
        (("skill", "weekly"), "nothing is overwritten"),
        (("prompt", "/weekly"), "nothing is overwritten"),
        (("prompt", "x", "--agent", "cooo"), "did you mean 'coo'?"),
        (("prompt", "x", "--schedule", "daily"), "Mondays at nine"),
        (("prompt", "x", "--schedule", "99 * * * *"), "--schedule '99 * * * *': bad"),
        (("agent", "../x"), "choose one such as"),
        (("agent", "founder"), "choose one such as"),
        (("skill", "jurídico"), "choose one such as"),
        (("agent", "x" * 65), "choose one such as"),
    ],
)
def test_what_cannot_be_made_leaves_every_file_as_it_was(
    led: Place, do: Do, order: tuple[str, ...], hint: str
) -> None:
    led.prompt("weekly", "0 9 * * 1")
    led.write(".github/agents/half.agent.md", "")
    before = led.files()
    said = do("new", *order)
    assert said.code == 2
    assert hint in said.err
    assert led.files() == before


def test_a_prompt_that_nobody_would_run_is_not_written(place: Place, do: Do) -> None:
    place.settings(SETTINGS)
    said = do("new", "prompt", "churn")
    assert said.code == 2
    assert "name a department with --agent" in said.err


@pytest.mark.parametrize(
    ("there", "new"),
    [
        (".claude/agents/cto.md", ".claude/agents/sales.md"),
        ("agents/cto.agent.md", "agents/sales.agent.md"),
        (".github/chatmodes/cto.chatmode.md", ".github/agents/sales.agent.md"),
    ],
)
def test_it_lies_where_the_company_has_its_others(
    place: Place, do: Do, there: str, new: str
) -> None:
    (place.root / ".github/agents").rmdir()
    place.write(there, "---\nname: cto\ndescription: Builds.\n---\n\nI build.\n")
    assert do("new", "agent", "sales").code == 0
    assert (place.root / new).is_file()
    names = [agent["id"] for agent in do("show", "agents", "--json").document["agents"]]
    assert sorted(names) == ["cto", "sales"]
