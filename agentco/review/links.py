"""Where public text may lead: to the host registered for its product on its platform."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.characters import INVISIBLE
from agentco.kernel.comparison import comparison_key, fold_lookalikes, plain_letters
from agentco.review.findings import Finding, TextRule
from agentco.review.rendered_text import VisibleText
from agentco.review.standards import Standards


class _LinkTable(Struct, frozen=True, kw_only=True):
    platforms: dict[str, tuple[str, ...]]
    endings: tuple[str, ...]


_WORDS = package_data.load_table(__name__, _LinkTable)


def _platforms_by_alias(platforms: Mapping[str, Iterable[str]]) -> dict[str, str]:
    by_alias: dict[str, str] = {}
    for platform, aliases in platforms.items():
        by_alias |= dict.fromkeys((platform, *aliases), platform)
    return by_alias


_PLATFORM_BY_ALIAS = _platforms_by_alias(_WORDS.platforms)
_PLATFORM_LINE = re.compile(r"[\s#*]*platform[\s*]*:([^\n]*)")
_DOT = "[.\u3002\uff0e\uff61]"
_HIDDEN = INVISIBLE.pattern[1:-1]
_URL = re.compile(
    rf"""(?:https?|ftp):[\\/]+
        (?P<authority>(?:[^\s\\/?\#<>()"'`|\[\]]*@)?(?:\[[^\]\s]*\]|[^\s\\/?\#<>()"'`|\[\]”»]*))
      | (?<![\w@./\\{_HIDDEN}-])
        (?P<bare>(?:[\w{_HIDDEN}-]+{_DOT})+[^\W\d_]{{2,}})
        (?![^\W_]|[-@]|\.[^\W_])""",
    re.VERBOSE | re.IGNORECASE,
)
SITE = "site"


class RegisteredHost(NamedTuple):
    """A registered host: whose it is, and on which platform."""

    product: str
    platform: str
    host: str


def find_wrong_links(page: VisibleText, standards: Standards) -> Iterator[Finding]:
    """Every address whose host is not the one registered for the product on this platform."""
    homes = _registered_hosts(standards.links)
    links = [*_URL.finditer(page.text)] if homes else []
    if not links:
        return
    products = standards.products_named(page)
    known = {home.platform for home in homes}
    platforms = _target_platforms(page, standards.hint, known)
    for link in links:
        host = _parse_host(link["authority"] or link["bare"] or "")
        if not host or (link["bare"] and not _is_address(host, homes)):
            continue
        right = _right_hosts(host, homes, products, platforms)
        if right:
            use = f"use {' or '.join(right)} ({', '.join(sorted(platforms))})"
            hint = f"{host} is not registered here: {use}"
            yield page.make_finding(TextRule.LINKS, link.start(), link.end(), hint)


def _registered_hosts(links: Mapping[str, Mapping[str, str]]) -> list[RegisteredHost]:
    homes: list[RegisteredHost] = []
    for product, hosts in links.items():
        for alias, host in hosts.items():
            key = comparison_key(alias)
            platform = _PLATFORM_BY_ALIAS.get(key, key)
            homes.append(RegisteredHost(product, platform, _parse_host(host)))
    return homes


def _right_hosts(
    host: str,
    homes: Sequence[RegisteredHost],
    products: frozenset[str],
    platforms: frozenset[str],
) -> list[str]:
    """The hosts to use in the place of a wrong one; empty when it may stand."""
    owners = {home.product for home in homes if _is_within(host, home.host)}
    about = [home for home in homes if home.product in (products or owners)]
    right = _allowed_hosts(about, platforms)
    if any(_is_within(host, allowed) for allowed in right):
        return []
    # it may be of a product that is named and has no registered host
    has_unlisted = bool(products - {home.product for home in about})
    if has_unlisted and owners.isdisjoint(products):
        return []
    return right


def _allowed_hosts(
    homes: Iterable[RegisteredHost], platforms: frozenset[str]
) -> list[str]:
    """The hosts to use: each product's of the platform, else of its site, else any."""
    by_product: dict[str, dict[str, str]] = {}
    for home in homes:
        by_product.setdefault(home.product, {})[home.platform] = home.host
    allowed: dict[str, None] = {}
    for hosts in by_product.values():
        chosen = platforms & hosts.keys()
        if not chosen:
            chosen = {SITE} & hosts.keys() or hosts.keys()
        allowed |= dict.fromkeys(hosts[platform] for platform in sorted(chosen))
    return [*allowed]


def _target_platforms(page: VisibleText, hint: str, known: set[str]) -> frozenset[str]:
    """Which platforms a text is for: what its first line says, else what the task or path names."""
    line = _PLATFORM_LINE.match(page.seen.folded)
    named = line[1] if line else hint
    words: list[str] = re.findall(r"[^\W_]+", fold_lookalikes(named))
    platforms = {
        _PLATFORM_BY_ALIAS.get(word, word)
        for word in words
        if word in _PLATFORM_BY_ALIAS or word in known
    }
    if platforms:
        return frozenset(platforms)
    return frozenset({comparison_key(named or SITE) if line else SITE})


def _parse_host(address: str) -> str:
    """The host of an address as a browser reads it."""
    plain = re.sub(_DOT, ".", plain_letters(unquote(address)))
    authority = re.sub(r"^\w+://|[/?#\\].*|:\d*(?=$|/)", "", plain)
    host = authority.rpartition("@")[2].strip("._*~,;:!?…“”«» ")
    return ".".join(map(_decode_label, host.split(".")))


def _decode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_within(host: str, home: str) -> bool:
    return host == home or host.endswith(f".{home}")


def _is_address(host: str, homes: Iterable[RegisteredHost]) -> bool:
    """Whether words with dots between are an address, and not the name of a file."""
    endings = {*_WORDS.endings}
    host_letters = fold_lookalikes(host)
    for home in homes:
        if fold_lookalikes(home.host).partition(".")[0] in host_letters:
            return True
        endings.add(home.host.rpartition(".")[2])
    return host.rpartition(".")[2] in endings
