"""The five questions of `agentco init`; each shows what Enter means."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen
from agentco.upkeep.own_answers import (
    Answers,
    CountryTable,
    default_name,
    find_place,
    read_language,
    read_name,
    read_place,
    read_products,
    read_team,
)

T = TypeVar("T")

NAME = "1/5  What is your company called?"
PRODUCTS = "2/5  What do you sell, and where? NAME=DOMAIN, with commas between several"
PLACE = "3/5  Which country and time zone?"
LANGUAGE = "4/5  Which language do you write in?"
TEAM = "5/5  Four departments (COO, Marketing, Accountant, Lawyer) or all eight?"


def ask_missing(
    answers: Answers, *, folder: str, here: str, countries: CountryTable
) -> Answers:
    """Ask for what no option said; `here` is the time zone of this machine."""
    if answers.name is None:
        answers = replace(answers, name=_ask(NAME, default_name(folder), read_name))
    if answers.products is None:
        answers = replace(answers, products=_ask(PRODUCTS, "", read_products))
    if answers.place is None:
        place = find_place(None, None, countries, here)
        country = countries.country_names().get(place.country, "")
        default = ", ".join(filter(None, (country, place.time_zone)))
        told = _ask(PLACE, default, lambda text: read_place(text, countries, here))
        answers = replace(answers, place=told)
    if answers.language is None:
        answers = replace(answers, language=_ask(LANGUAGE, "English", read_language))
    if answers.team is None:
        answers = replace(answers, team=_ask(TEAM, "eight", read_team))
    return answers


def _ask(question: str, default: str, read: Callable[[str], T]) -> T:
    """Ask until the answer can be read; Enter is the default."""
    shown = default or "nothing yet"
    while True:
        try:
            return read(screen.read_answer(f"{question} [{shown}]") or default)
        except WrongUsage as error:
            screen.print_note(f"{error.what}: {error.hint}")
