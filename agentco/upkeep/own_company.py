"""A company of the founder's own: templates with the founder's answers in them, and nothing else.

A template is a file of `agentco/starter` in which `{{word}}` stands for an answer, or for what
follows from one. Nothing of the sample company is read here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from agentco.board.document import BOARD_FILE
from agentco.day.fresh_company import FreshCompany, Team
from agentco.kernel import package_data
from agentco.kernel.dates import IsHoliday
from agentco.memory.graph import MEMORY_FILE

EMPTY_BOARD = (
    "# Board\n\n## Backlog\n\n## This week\n\n## In progress\n\n## Blocked\n\n## Done\n"
)
DEADLINES_FILE = "memory/deadlines.jsonl"
"""The template with the statutory deadlines of a country, as records of the memory."""
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
TO_FILL_IN = "*to fill in*"
PRODUCT_COLUMNS = (
    "| Product | What it does | Status | Domain | Social URL | Price |",
    "|---|---|---|---|---|---|",
)
NO_PRODUCT = "No product is written down yet; add a row for each:"
DEFAULT_CURRENCY = "EUR"


class CountryFacts(Struct, frozen=True, kw_only=True):
    """The countries of each currency, and the English name of each language."""

    currencies: dict[str, str]
    languages: dict[str, str]


FACTS = package_data.load_table(__name__, CountryFacts)


class Product(Struct, frozen=True, kw_only=True):
    """What is sold, and its host; an empty one is not known yet."""

    name: str
    domain: str = ""


class OwnCompany(Struct, frozen=True, kw_only=True):
    """What a founder says of a company of their own.

    `country` is an ISO 3166 code, empty for none, `language` an ISO 639 code.
    """

    name: str
    products: tuple[Product, ...] = ()
    country: str = ""
    country_name: str = ""
    time_zone: str = "UTC"
    language: str = "en"


def own_files(
    templates: Mapping[str, str],
    own: OwnCompany,
    team: Team,
    *,
    today: date,
    is_holiday: IsHoliday,
) -> dict[str, str]:
    """The files of a company of one's own, for one team, by path."""
    words = template_words(own)
    files = {path: fill_in(text, words) for path, text in templates.items()}
    deadlines = files.pop(DEADLINES_FILE, "")
    files[BOARD_FILE] = EMPTY_BOARD
    files[MEMORY_FILE] = deadlines + "".join(_product_lines(own))
    fresh = FreshCompany(files, today, team, is_holiday, written_on=today)
    return dict(fresh.files())


def fill_in(template: str, words: Mapping[str, str]) -> str:
    """A template with its words in place. Raises KeyError for one that nobody gives."""
    return PLACEHOLDER.sub(lambda match: words[match[1]], template)


def is_filled_in(text: str, template: str) -> bool:
    """Whether a text is this template, whatever the answers were."""
    first, *parts = PLACEHOLDER.split(template)[::2]
    if not parts or not text.startswith(first):
        return text == template
    place = len(first)
    for part in parts[:-1]:
        place = text.find(part, place) + len(part)
        if place < len(part):
            return False
    return text.endswith(parts[-1]) and place + len(parts[-1]) <= len(text)


def template_words(own: OwnCompany) -> dict[str, str]:
    """What each word of the templates stands for."""
    names = [product.name for product in own.products] or ["PRODUCT"]
    is_portuguese = own.country == "PT"
    country = own.country_name or own.country or "the company's country"
    return {
        "company": own.name,
        "yaml_company": json.dumps(own.name, ensure_ascii=False),
        "founder": "the founder",
        "Founder": "The founder",
        "product": names[0],
        "products": ", ".join(names),
        "product_table": _product_table(own.products),
        "links": _links_setting(own.products),
        "country": country,
        "country_setting": f"country: {own.country}"
        if own.country
        else "# country: PT",
        "registration": PORTUGUESE_TRADER if is_portuguese else OTHER_COUNTRY,
        "data_authority": "in Portugal the CNPD" if is_portuguese else "of the country",
        "vat": "IVA" if is_portuguese else "VAT",
        "currency": currency_of(own.country),
        "time_zone": own.time_zone,
        "language": FACTS.languages[own.language],
        "language_code": own.language,
    }


PORTUGUESE_TRADER = """\
The founder is taken to be a sole trader in Portugal who declares IVA by the quarter. Where that \
is not so, change this line, the deadlines in memory, and the skills `portuguese-tax` and \
`social-security`, with a certified accountant."""
OTHER_COUNTRY = """\
What tax and social security ask of us is not written down yet: the skills `tax` and \
`social-security` are frames to fill in with a certified accountant, and their dates become \
deadlines in memory."""


def currency_of(country: str) -> str:
    """The currency of a country; the euro where none is known."""
    for currency, countries in FACTS.currencies.items():
        if country and country in countries.split():
            return currency
    return DEFAULT_CURRENCY


def _product_table(products: Iterable[Product]) -> str:
    """The registry of products in the constitution; what nobody has said is to be filled in."""
    rows: list[str] = []
    for product in products:
        name = product.name.replace("|", "\\|")
        domain = product.domain or TO_FILL_IN
        rest = f"{domain} | {TO_FILL_IN} | {TO_FILL_IN} |"
        rows.append(f"| {name} | {TO_FILL_IN} | {TO_FILL_IN} | {rest}")
    table = "\n".join([*PRODUCT_COLUMNS, *rows])
    return table if rows else f"{NO_PRODUCT}\n\n{table}"


def _links_setting(products: Iterable[Product]) -> str:
    """Which host belongs to which product, as YAML; an example where there is none."""
    lines = [
        f"  {json.dumps(product.name, ensure_ascii=False)}: {{site: {product.domain}}}"
        for product in products
        if product.domain
    ]
    if not lines:
        return "# links:\n#   PRODUCT: {site: product.example, social: social.example}"
    return "\n".join(["links:", *lines])


def _product_lines(own: OwnCompany) -> Iterator[str]:
    """The memory's record of each product."""
    for product in own.products:
        what = f"Domain: {product.domain}" if product.domain else f"Sold by {own.name}"
        record = {
            "type": "entity",
            "name": product.name,
            "entityType": "product",
            "observations": [what],
        }
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
