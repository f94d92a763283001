"""`agentco models add`: a line more in the settings, and nothing less."""

import pytest
from claims import claim
from small_company import SETTINGS, Place
from typed import Do

from agentco.company import read_settings

pytestmark = claim("cli:models-add")

NEW = "openai/gpt-5.4-mini"
COMMENTED = """# The company.
company: {name: Test}  # ours

# To add one, take off the '#'.
# models:
#   light:  [openai/a]
#   medium: [openai/b]

# What may be spent.
budget:
  call: 0.25
"""
LAYOUTS = {
    "nothing": "",
    "commented": COMMENTED,
    "empty": "models:\n# none yet\nbudget: {call: 0.25}\n",
    "empty tier": "models:\n  medium:   # none\n  heavy: [openai/a]\n",
    "empty list": "models: {medium: []}\n",
    "empty map": "models: {}\n",
    "flow": "models: {medium: [openai/a, openai/b], heavy: [openai/c]} # all\n",
    "flow lines": "models:\n  medium: [\n    openai/a,  # first\n    openai/b,\n  ]\n",
    "block": "models:\n  medium:\n    - openai/a # first\n    # then\n    - openai/b\n\n  # slow\n  heavy: [openai/c]\n",
    "flat block": "models:\n  medium:\n  - openai/a\nbudget: {call: 0.25}\n",
    "no tier": "models:\n    light: [openai/a] # quick\n\n# money\nbudget: {call: 0.25}\n",
    "flow no tier": "models: {light: [openai/a]}\n",
    "no newline": "models:\n  medium:\n    - openai/a",
    "windows": "models:\r\n  medium: [openai/a] # first\r\nbudget: {call: 0.25}\r\n",
    "windows commented": COMMENTED.replace("\n", "\r\n"),
    "quoted": '"models":\n  \'medium\': ["openai/a"]\n',
}


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def text_of(place: Place) -> str:
    return (place.root / ".github/agentco.yml").read_bytes().decode()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_model_is_added_in_any_layout_and_nothing_is_lost(
    place: Place, do: Do, layout: str
) -> None:
    text = LAYOUTS[layout]
    (place.root / ".github/agentco.yml").write_bytes(text.encode())
    before = read_settings(text).require_valid()
    server = ("--base", "http://127.0.0.1:8080/v1", "--key", "WORKSHOP_KEY")
    assert do("models", "add", NEW).code == 0
    assert do("models", "add", "workshop/large:8b", *server).code == 0
    after = text_of(place)
    settings = read_settings(after).require_valid()
    added = (NEW, "workshop/large:8b")
    assert settings.models.medium == (*before.models.medium, *added)
    assert settings.models.heavy == before.models.heavy
    assert settings.providers["workshop"].api_key_env == "WORKSHOP_KEY"
    assert settings.budget == before.budget
    assert comments(after) == comments(text)
    assert after.count("\r\n") in {0, after.count("\n")}


def test_the_address_of_a_provider_that_is_there_is_changed_in_its_place(
    place: Place, do: Do
) -> None:
    text = 'providers:\n  workshop:  # ours\n    kind: openai\n    api_base: "http://127.0.0.1:1/v1" # old\n'
    place.settings(text)
    server = ("--base", "http://127.0.0.1:2/v1", "--key", "WORKSHOP_KEY")
    assert do("models", "add", "workshop/m", *server).code == 0
    lines = text_of(place).splitlines()
    assert lines[3:5] == [
        '    api_base: "http://127.0.0.1:2/v1" # old',
        "    api_key_env: WORKSHOP_KEY",
    ]


def test_what_changed_and_what_is_still_to_do_is_said(place: Place, do: Do) -> None:
    place.trust()
    said = do("models", "add", NEW, "--tier", "light")
    assert "+  light: [openai/gpt-5.4-mini]" in said.out
    assert "variable OPENAI_API_KEY" in said.out
    assert "agentco trust" in said.out
    document = do("models", "add", NEW, "--json").document
    assert document["key_variable"] == "OPENAI_API_KEY"
    assert document["needs_trust"] is True
    assert "OPENAI_API_KEY is not set" in document["why_not"]
    shown = do("models", "--json").document["models"]
    assert shown == do("show", "models", "--json").document["models"]
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("order", "hint"),
    [
        (("opnai/x",), "did you mean 'openai'?"),
        (("zzz/x",), "add --base URL"),
        (("openai",), "such as anthropic/"),
        (("openai/a b",), "such as anthropic/"),
        (("openai/x", "--key", "gsk_0123456789"), "such as --key OPENAI_API_KEY"),
        (("openai/a",), "agentco models shows how it stands"),
    ],
)
def test_what_cannot_be_added_leaves_the_settings_as_they_were(
    place: Place, do: Do, order: tuple[str, ...], hint: str
) -> None:
    text = f"{SETTINGS}models: {{medium: [openai/a]}}\n"
    place.settings(text)
    said = do("models", "add", *order)
    assert said.code == 2
    assert hint in said.err
    assert "gsk_0123456789" not in said.err
    assert text_of(place) == text


@pytest.mark.parametrize(
    "text",
    [
        "{company: {name: Test}}\n",
        "---\nmodels: {medium: [openai/a]}\n...\n",
        "budget:\n  call: 0.25\n...\n",
        "models: {medium: [openai/a]}\nmodels: {medium: [openai/b]}\n",
    ],
)
def test_an_odd_layout_is_changed_rightly_or_not_at_all(
    place: Place, do: Do, text: str
) -> None:
    place.settings(text)
    code = do("models", "add", NEW).code
    after = text_of(place)
    assert code in {0, 3}
    if code:
        assert after == text
    else:
        assert NEW in read_settings(after).require_valid().models.medium


def test_an_address_that_cannot_be_one_is_refused(place: Place, do: Do) -> None:
    before = text_of(place)
    said = do("models", "add", "workshop/m", "--base", "ftp://x y")
    assert said.code != 0
    assert "Traceback" not in said.err
    assert text_of(place) == before
