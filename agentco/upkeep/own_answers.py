"""What a founder answers about a company of their own, read from options or from a terminal."""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from agentco.day.fresh_company import TEAMS
from agentco.file_formats.amounts import find_time_zone
from agentco.kernel.errors import WrongUsage
from agentco.upkeep.own_company import FACTS, OwnCompany, Product

HOST = re.compile(
    r"(?:[a-z]+://)?((?:[^\W_][\w-]*\.)+[^\W\d_]{2,})(?:[/?#].*)?", re.IGNORECASE
)
MAX_NAME = 80
TEAM_WORDS = {
    "core": "core",
    "4": "core",
    "four": "core",
    "full": "full",
    "8": "full",
    "eight": "full",
}


class CountryTable(Protocol):
    """The countries of the world and their time zones."""

    def country_names(self) -> Mapping[str, str]:
        """The English name of each country, by its code of two letters."""
        ...

    def zones_of(self, country: str) -> tuple[str, ...]:
        """The time zones of a country, its main one first."""
        ...

    def country_of(self, zone: str) -> str | None:
        """The country that a time zone is named for."""
        ...


class Place(Struct, frozen=True, kw_only=True):
    """Where a company is: a country's code, empty for none, and a time zone."""

    country: str
    time_zone: str


class Answers(Struct, frozen=True, kw_only=True):
    """The five things that `init` wants to know; None is not said."""

    name: str | None = None
    products: tuple[Product, ...] | None = None
    place: Place | None = None
    language: str | None = None
    team: str | None = None


class Options(Struct, frozen=True, kw_only=True):
    """The answers as they were typed; None or empty is not said."""

    name: str | None = None
    products: Sequence[str] = ()
    country: str | None = None
    time_zone: str | None = None
    language: str | None = None
    team: str | None = None


def read_answers(given: Options, *, countries: CountryTable, here: str) -> Answers:
    """What options say; `here` is the time zone of this machine. Raises WrongUsage."""
    place = None
    if given.country is not None or given.time_zone is not None:
        place = find_place(given.country, given.time_zone, countries, here)
    return Answers(
        name=None if given.name is None else read_name(given.name),
        products=tuple(map(read_product, given.products)) or None,
        place=place,
        language=None if given.language is None else read_language(given.language),
        team=None if given.team is None else read_team(given.team),
    )


def company_from_answers(
    answers: Answers, *, folder: str, here: str, countries: CountryTable
) -> OwnCompany:
    """The company of these answers; what was not said is the folder's name, or this machine's."""
    place = answers.place or find_place(None, None, countries, here)
    return OwnCompany(
        name=answers.name or default_name(folder),
        products=answers.products or (),
        country=place.country,
        country_name=countries.country_names().get(place.country, ""),
        time_zone=place.time_zone,
        language=answers.language or "en",
    )


def default_name(folder: str) -> str:
    """A company's name from that of its folder."""
    printable = "".join(filter(str.isprintable, folder))[:MAX_NAME]
    return " ".join(printable.split()) or "My company"


def find_place(
    country: str | None, time_zone: str | None, countries: CountryTable, here: str
) -> Place:
    """Where a company is, of which a country, a time zone or neither is said. Raises WrongUsage."""
    if time_zone is not None:
        time_zone = read_time_zone(time_zone)
    if country is None:
        zone = time_zone or here
        return Place(country=countries.country_of(zone) or "", time_zone=zone)
    code = read_country(country, countries.country_names())
    if time_zone is None:
        is_here = countries.country_of(here) == code
        time_zone = here if is_here else next(iter(countries.zones_of(code)), here)
    return Place(country=code, time_zone=time_zone)


def read_place(text: str, countries: CountryTable, here: str) -> Place:
    """A country and a time zone in one line, such as `Portugal, Europe/Lisbon`; either will do.

    Raises WrongUsage.
    """
    words = text.replace(",", " ").split()
    zones = [word for word in words if "/" in word or word == "UTC"]
    country = " ".join(word for word in words if word not in zones)
    if len(zones) > 1:
        raise WrongUsage(f"{text[:60]!r} names two time zones", hint="name one")
    zone = zones[0] if zones else None
    return find_place(country or None, zone, countries, here)


def read_products(text: str) -> tuple[Product, ...]:
    """Products on one line, with commas between them. Raises WrongUsage."""
    return tuple(read_product(part) for part in text.split(",") if part.strip())


def read_team(text: str) -> str:
    """The name of a team, given as one or as its number of departments. Raises WrongUsage."""
    team = TEAM_WORDS.get(text.strip().lower(), "")
    if team not in TEAMS:
        raise WrongUsage(
            f"unknown team {text[:60]!r}", hint="--team core or --team full"
        )
    return team


def read_name(text: str, what: str = "name") -> str:
    """A name on one line. Raises WrongUsage for an empty, long or unprintable one."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        hint = f"one line of up to {MAX_NAME} characters"
        raise WrongUsage(f"{text[:60]!r} is not a valid {what}", hint=hint)
    return name


def read_product(text: str) -> Product:
    """A product as `NAME=DOMAIN`, or its name alone. Raises WrongUsage."""
    name, _, domain = text.partition("=")
    host = HOST.fullmatch(domain.strip())
    if domain.strip() and not host:
        hint = 'write NAME=DOMAIN, such as "Acme Notes=notes.example"'
        raise WrongUsage(f"{domain.strip()[:60]!r} is not a domain", hint=hint)
    return Product(
        name=read_name(name, "product"), domain=host[1].lower() if host else ""
    )


def read_language(text: str) -> str:
    """The code of a language, given as a code or as its English name. Raises WrongUsage."""
    word = text.strip().lower()
    for code, name in FACTS.languages.items():
        if word in {code, name.lower()}:
            return code
    hint = "its English name or its code, such as en, pt or de"
    raise WrongUsage(f"unknown language {text[:60]!r}", hint=hint)


def read_country(text: str, names: Mapping[str, str]) -> str:
    """The code of a country, given as a code or as its English name. Raises WrongUsage."""
    word = text.strip().lower()
    for code, name in names.items():
        if word in {code.lower(), name.lower()}:
            return code
    hint = "its English name or its two letters, such as PT, DE or US"
    raise WrongUsage(f"unknown country {text[:60]!r}", hint=hint)


def read_time_zone(text: str) -> str:
    """The IANA name of a time zone. Raises WrongUsage for what is none."""
    if not find_time_zone(text.strip()):
        raise WrongUsage(
            f"unknown time zone {text[:60]!r}", hint="one such as Europe/Lisbon"
        )
    return text.strip()
