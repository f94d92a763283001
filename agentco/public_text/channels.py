"""Which channel a text is for: what is said, else what its head says, else the task's words."""

import re
from collections.abc import Collection, Mapping

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key, fold_lookalikes
from agentco.kernel.errors import WrongUsage
from agentco.public_text.rendered_text import VisibleText

SITE = "site"
SOCIAL = "social"
"""Every social platform without an entry of its own."""


class _ChannelTable(Struct, frozen=True, kw_only=True):
    """Channels with other words for each; which are `social`; how addresses `end`."""

    platforms: dict[str, tuple[str, ...]]
    social: frozenset[str]
    endings: tuple[str, ...]


CHANNELS = package_data.load_table(__name__, _ChannelTable)
_HEAD_LINES = 12
_HEAD = re.compile(
    r"[\s#>*_|+-]*(?:channel|platform|canal|plataforma)s?[\s*_]*[:|]([^\n]*)"
)
_BLOG_POST = re.compile(
    r"\bblog[ -]?posts?\b|\bposts? (?:on|for) (?:the|our|my) blog\b"
)


def _channel_by_word() -> dict[str, str]:
    by_word: dict[str, str] = {}
    for platform, words in CHANNELS.platforms.items():
        by_word |= dict.fromkeys((platform, *words), platform)
    return by_word


_CHANNEL_BY_WORD = _channel_by_word()


def canonical_channel(name: str) -> str:
    """The channel that a name or another word for it stands for."""
    key = comparison_key(name)
    return _CHANNEL_BY_WORD.get(key, key)


def require_channel(name: str, links: Mapping[str, Mapping[str, str]]) -> str:
    """The channel of a name. Raises WrongUsage for one that is no platform and not registered."""
    registered = {canonical_channel(key) for hosts in links.values() for key in hosts}
    known = registered.union(CHANNELS.platforms)
    channel = canonical_channel(name)
    if channel not in known:
        listed = ", ".join(sorted(known))
        raise WrongUsage(f"unknown channel {name!r}", hint=f"channels: {listed}")
    return channel


def channel_line(channel: str) -> str:
    """How a task says for which channel its work is."""
    return f"Channel: {channel}"


def channels_of(
    page: VisibleText, hint: str, registered: Collection[str]
) -> frozenset[str]:
    """The channels a text is for; none where nothing tells.

    A line `Channel:` of the task goes first, then one in the head of the text, then the words of
    the task or path.
    """
    lines = fold_lookalikes(hint).splitlines()
    for line in (*reversed(lines), *_first_lines(page)):
        head = _HEAD.match(line)
        if head:
            return _named_channels(head[1], registered)
    return _named_channels(hint, registered)


def _first_lines(page: VisibleText) -> list[str]:
    lines = [line for line in page.seen.folded.splitlines() if line.strip()]
    return lines[:_HEAD_LINES]


def _named_channels(text: str, registered: Collection[str]) -> frozenset[str]:
    """The channels that words name; a certain platform tells more than a post."""
    folded = _BLOG_POST.sub(SITE, fold_lookalikes(text))
    words: list[str] = re.findall(r"[^\W_]+", folded)
    channels = {
        _CHANNEL_BY_WORD.get(word, word)
        for word in words
        if word in _CHANNEL_BY_WORD or word in registered
    }
    if channels & CHANNELS.social:
        channels.discard(SOCIAL)
    return frozenset(channels)
