"""Where public text may lead: to the host that is registered for its product, on the platform it is for."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.characters import INVISIBLE
from agentco.review.findings import Finding, TextRule
from agentco.review.rendered_text import VisibleText, comparison_key, fold_lookalikes
from agentco.review.standards import Standards


class _LinkTable(Struct, frozen=True, kw_only=True):
    platforms: dict[str, tuple[str, ...]]
    endings: tuple[str, ...]


_WORDS = package_data.load_table(__name__, _LinkTable)
_PLATFORM_BY_ALIAS = {
    alias: platform
    for platform, aliases in _WORDS.platforms.items()
    for alias in (platform, *aliases)
}
_PLATFORM_LINE = re.compile(r"[\s#*]*platform[\s*]*:([^\n]*)")
_DOT, _HIDDEN = "[.\u3002\uff0e\uff61]", INVISIBLE.pattern[1:-1]
_URL = re.compile(
    rf"""(?:https?|ftp):[\\/]+(?P<authority>(?:[^\s\\/?\#<>()"'`|\[\]]*@)?(?:\[[^\]\s]*\]|[^\s\\/?\#<>()"'`|\[\]”»]*))
      | (?<![\w@./\\{_HIDDEN}-])(?P<bare>(?:[\w{_HIDDEN}-]+{_DOT})+[^\W\d_]{{2,}})(?![^\W_]|[-@]|\.[^\W_])""",
    re.VERBOSE | re.IGNORECASE,
)
SITE = "site"


class RegisteredHost(NamedTuple):
    """A registered host: whose it is, and on which platform."""

    product: str
    platform: str
    host: str


def find_wrong_links(page: VisibleText, against: Standards) -> Iterator[Finding]:
    """Every address whose host is not the one that is registered for the product on this platform."""
    homes = [
        RegisteredHost(
            p,
            _PLATFORM_BY_ALIAS.get(comparison_key(x), comparison_key(x)),
            _parse_host(h),
        )
        for p, at in against.links.items()
        for x, h in at.items()
    ]
    found = [*_URL.finditer(page.text)] if homes else []
    if not found:
        return
    named, platforms = (
        against.products_named(page),
        _target_platforms(page, against.hint, {home.platform for home in homes}),
    )
    for link in found:
        host = _parse_host(link["authority"] or link["bare"] or "")
        if not host or (link["bare"] and not _is_address(host, homes)):
            continue
        owners = {home.product for home in homes if _is_within(host, home.host)}
        about = [home for home in homes if home.product in (named or owners)]
        right = _allowed_hosts(about, platforms)
        unlisted = named - {home.product for home in about}
        if (
            about
            and not any(_is_within(host, it) for it in right)
            and not (unlisted and owners.isdisjoint(named))
        ):
            hint = f"{host} is not registered here: use {' or '.join(right)} ({', '.join(sorted(platforms))})"
            yield page.make_finding(TextRule.LINKS, link.start(), link.end(), hint)


def _allowed_hosts(
    homes: Iterable[RegisteredHost], platforms: frozenset[str]
) -> list[str]:
    """The hosts to use: each product's of the platform, else of its site, else any."""
    found: dict[str, dict[str, str]] = {}
    for home in homes:
        found.setdefault(home.product, {})[home.platform] = home.host
    right: dict[str, None] = {}
    for at in found.values():
        here = platforms & at.keys() or ({SITE} & at.keys()) or at.keys()
        right |= dict.fromkeys(at[platform] for platform in sorted(here))
    return [*right]


def _target_platforms(page: VisibleText, hint: str, known: set[str]) -> frozenset[str]:
    """Which platforms a text is for: what its first line says, else what the task or the path names."""
    told = _PLATFORM_LINE.match(page.seen.folded)
    words: list[str] = re.findall(
        r"[^\W_]+", fold_lookalikes(told[1] if told else hint)
    )
    found = {
        _PLATFORM_BY_ALIAS.get(word, word)
        for word in words
        if word in _PLATFORM_BY_ALIAS or word in known
    }
    return frozenset(found or {comparison_key(told[1] or SITE) if told else SITE})


def _parse_host(address: str) -> str:
    """The host of an address as a browser reads it."""
    plain = unicodedata.normalize(
        "NFKC", INVISIBLE.sub("", unquote(address))
    ).casefold()
    plain = re.sub(
        r"^\w+://|[/?#\\].*|:\d*(?=$|/)", "", re.sub(_DOT, ".", plain)
    ).rpartition("@")[2]
    return ".".join(map(_decode_label, plain.strip("._*~,;:!?…“”«» ").split(".")))


def _decode_label(label: str) -> str:
    try:
        return (
            label[4:].encode("ascii").decode("punycode")
            if label.startswith("xn--")
            else label
        )
    except UnicodeError:
        return label


def _is_within(host: str, home: str) -> bool:
    return host == home or host.endswith(f".{home}")


def _is_address(host: str, homes: Iterable[RegisteredHost]) -> bool:
    """Whether words with dots between are an address, and not the name of a file."""
    endings = {*_WORDS.endings, *(home.host.rpartition(".")[2] for home in homes)}
    close = any(
        fold_lookalikes(home.host).partition(".")[0] in fold_lookalikes(host)
        for home in homes
    )
    return close or host.rpartition(".")[2] in endings
