"""Where public text may lead: to the host registered for its product on its channel."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentco.kernel.comparison import fold_lookalikes
from agentco.page.drawing import FILLER
from agentco.page.markdown_marks import LinkTarget
from agentco.public_text.addresses import URL, parse_host, read_targets
from agentco.public_text.channels import (
    CHANNELS,
    SITE,
    SOCIAL,
    canonical_channel,
    channels_of,
)
from agentco.public_text.findings import Finding, TextRule
from agentco.public_text.rendered_text import VisibleText
from agentco.public_text.standards import Standards

_MAX_LINK_TEXT = 2000


class RegisteredHost(NamedTuple):
    """A registered host: whose it is, and on which platform."""

    product: str
    platform: str
    host: str


class _Link(NamedTuple):
    """A host that a text leads to, and where that is written."""

    host: str
    start: int
    end: int


def find_wrong_links(page: VisibleText, standards: Standards) -> Iterator[Finding]:
    """Every address whose host is not the one registered for the product on this channel."""
    homes = _registered_hosts(standards.links)
    yield from _false_links(page, homes)
    if not homes:
        return
    links = [*_written_links(page, homes)]
    links += [*_targets_besides(links, page)]
    if not links:
        return
    products = standards.products_named(page)
    channels = channels_of(page, standards.hint, {home.platform for home in homes})
    for link in links:
        right = _right_hosts(link.host, homes, products, channels)
        if right:
            use = f"use {' or '.join(right)}"
            where = f" ({', '.join(sorted(channels))})" if channels else ""
            hint = f"{link.host} is not registered here: {use}{where}"
            yield page.make_finding(TextRule.LINKS, link.start, link.end, hint)


def _written_links(
    page: VisibleText, homes: Sequence[RegisteredHost]
) -> Iterator[_Link]:
    """The addresses that stand in a text, and those that only its drawn form has."""
    found: set[tuple[str, int]] = set()
    for text, places in _readings(page):
        for match in URL.finditer(text):
            host = parse_host(match["authority"] or match["bare"] or "")
            if not host or (match["bare"] and not _is_address(host, homes)):
                continue
            start, end = places[match.start()], places[match.end() - 1] + 1
            if (host, start) not in found:
                found.add((host, start))
                yield _Link(host, start, end)


def _readings(page: VisibleText) -> Iterator[tuple[str, Sequence[int]]]:
    """A text as it stands, and as it is drawn where that differs, with the place of each sign."""
    yield page.text, range(len(page.text))
    shown = page.drawing.shown
    if FILLER in shown:
        places = [place for place, sign in enumerate(shown) if sign != FILLER]
        yield shown.replace(FILLER, ""), places


def _targets_besides(links: Iterable[_Link], page: VisibleText) -> Iterator[_Link]:
    """The other hosts that the links of a text lead to, in whose targets none of these begins."""
    starts: dict[str, list[int]] = {}
    for link in sorted(links):
        starts.setdefault(link.host, []).append(link.start)
    for target in page.drawing.links:
        for address in read_targets(page.text, target):
            known = starts.get(address.host, [])
            place = bisect_left(known, target.start)
            is_known = place < len(known) and known[place] < target.end
            if address.host and not is_known:
                yield _Link(address.host, target.start, target.end)


def _false_links(
    page: VisibleText, homes: Sequence[RegisteredHost]
) -> Iterator[Finding]:
    """Links that run code, and those whose text names another host than they lead to."""
    for link in page.drawing.links:
        for address in read_targets(page.text, link):
            named = _host_in_text(page, link, homes)
            hint = ""
            if address.code:
                hint = f"{address.code}: is not an address that a reader may be sent to"
            elif address.host and named and not _are_related(named, address.host):
                hint = f"the text names {named}, the link leads to {address.host}"
            if hint:
                yield page.make_finding(TextRule.LINKS, link.start, link.end, hint)


def _host_in_text(
    page: VisibleText, link: LinkTarget, homes: Sequence[RegisteredHost]
) -> str:
    """The host that the text of a link names, or nothing."""
    start, end = link.shown
    shown = page.drawing.shown[start : min(end, start + _MAX_LINK_TEXT)]
    match = URL.search(shown.replace(FILLER, ""))
    if match is None:
        return ""
    host = parse_host(match["authority"] or match["bare"] or "")
    return "" if match["bare"] and not _is_address(host, homes) else host


def _are_related(one: str, other: str) -> bool:
    """Whether two hosts are the same, or one is a part of the other."""
    return _is_within(one, other) or _is_within(other, one)


def _registered_hosts(links: Mapping[str, Mapping[str, str]]) -> list[RegisteredHost]:
    homes: list[RegisteredHost] = []
    for product, hosts in links.items():
        for alias, host in hosts.items():
            platform = canonical_channel(alias)
            homes.append(RegisteredHost(product, platform, parse_host(host)))
    return homes


def _right_hosts(
    host: str,
    homes: Sequence[RegisteredHost],
    products: frozenset[str],
    channels: frozenset[str],
) -> list[str]:
    """The hosts to use in the place of a wrong one; empty when it may stand."""
    owners = {home.product for home in homes if _is_within(host, home.host)}
    about = [home for home in homes if home.product in (products or owners)]
    right = _allowed_hosts(about, channels)
    if any(_is_within(host, allowed) for allowed in right):
        return []
    # it may be of a product that is named and has no registered host
    has_unlisted = bool(products - {home.product for home in about})
    if has_unlisted and owners.isdisjoint(products):
        return []
    return right


def _allowed_hosts(
    homes: Iterable[RegisteredHost], channels: frozenset[str]
) -> list[str]:
    """The hosts to use: each product's of the channels; any where none is known."""
    by_product: dict[str, dict[str, str]] = {}
    for home in homes:
        by_product.setdefault(home.product, {})[home.platform] = home.host
    allowed: dict[str, None] = {}
    for hosts in by_product.values():
        entries: set[str] = set()
        for channel in channels:
            entries |= _entries_for(channel, hosts)
        allowed |= dict.fromkeys(hosts[name] for name in sorted(entries or hosts))
    return [*allowed]


def _entries_for(channel: str, hosts: Mapping[str, str]) -> set[str]:
    """Which entries hold on a channel: its own, else `social` on a social one, else the site."""
    if channel in hosts and channel != SOCIAL:
        return {channel}
    if channel == SOCIAL:
        entries = hosts.keys() & {SOCIAL, *CHANNELS.social}
    else:
        entries = {SOCIAL} & hosts.keys() if channel in CHANNELS.social else set[str]()
    return entries or {SITE} & hosts.keys()


def _is_within(host: str, home: str) -> bool:
    return host == home or host.endswith(f".{home}")


def _is_address(host: str, homes: Iterable[RegisteredHost]) -> bool:
    """Whether words with dots between are an address, and not the name of a file."""
    endings = {*CHANNELS.endings}
    host_letters = fold_lookalikes(host)
    for home in homes:
        if fold_lookalikes(home.host).partition(".")[0] in host_letters:
            return True
        endings.add(home.host.rpartition(".")[2])
    return host.rpartition(".")[2] in endings
