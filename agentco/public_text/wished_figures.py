"""Figures of a goal or a wish: `we aim for 1,000 users`, `I want to reach ten years`."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from agentco.kernel.figures import FigurePlace
from agentco.public_text.clauses import Span, read_sentence, sentence_ends
from agentco.public_text.denials import is_denied
from agentco.public_text.disclaimed import is_wished
from agentco.public_text.rendered_text import VisibleText

_WHOLE = "100 %"
# a target of availability is read as a promise
_KEPT = re.compile(r"(?<![^\W_])(?:uptime|availability|disponibilidade|sla)(?![^\W_])")
_PRICED = re.compile(
    r"(?<!we )(?<!i )(?<!to )(?<![^\W_])plans?(?! to| is| for| on)(?![^\W_])"
)
_NEAR, _REACH = 20, 600
_MOST_READ = 200


def wished_figures(
    page: VisibleText, places: Sequence[FigurePlace]
) -> frozenset[FigurePlace]:
    """Those of the places whose figure is only wished for, or a whole that is denied."""
    wished: set[FigurePlace] = set()
    for view in page.views if places else ():
        ends = sentence_ends(view, page.text)
        bounds = [0, *ends, len(view.folded)]
        for place in places[:_MOST_READ]:
            start = bisect_left(view.origin, place.start)
            last = bisect_left(view.origin, place.end)
            if view.folded[start:last].isspace() or start == last:
                continue
            number = bisect_right(ends, start)
            span: Span = (
                max(bounds[number], start - _REACH),
                min(bounds[number + 1], last + _REACH),
            )
            sentence = read_sentence(view, page.text, span, [(start, last)])
            word = sentence.place_of(start)
            is_none = place.figure == _WHOLE and is_denied(sentence, word)
            around = view.folded[max(start - _NEAR, 0) : last + _NEAR]
            if _KEPT.search(around) or _PRICED.search(around):
                continue
            if is_none or is_wished(sentence, word):
                wished.add(place)
    return frozenset(wished)
