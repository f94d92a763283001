"""HTML without what no reader sees of it: hidden elements, scripts, comments."""

import re

from agentco.page.hidden_elements import ElementStack
from agentco.page.html_tags import ELEMENTS, comment_end, raw_end, read_tag

_MARKUP = re.compile(r"<!--|</?[a-z]", re.IGNORECASE)


def without_unseen(html: str) -> str:
    """The same page; of what is hidden the tags stay, so that all others keep their places."""
    elements = ElementStack(html)
    last_close = html.rfind(">")
    kept = list[str]()
    place = 0
    while match := _MARKUP.search(html, place):
        start = match.start()
        if not elements.hides:
            kept.append(html[place:start])
        if match[0] == "<!--":
            place = comment_end(html, start)
            continue
        tag = read_tag(html, start, last_close)
        if tag is None:
            kept.append("" if elements.hides else "&lt;")
            place = start + 1
            continue
        place = tag.end
        elements.enter(tag)
        is_raw = tag.name in ELEMENTS.raw and not tag.is_end
        if is_raw:
            place = raw_end(html, tag)
        if tag.name not in ELEMENTS.unseen and not is_raw:
            kept.append(html[start : tag.end])
    if not elements.hides:
        kept.append(html[place:])
    return "".join(kept)
