"""What of a text can assert something: what is seen of it, without code and addresses."""

import re

from agentco.page.drawing import draw_text

_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.DOTALL)
_ADDRESS = re.compile(
    r"""\]\([^)\n]{0,2000}\) | <?https?://[^\s>)]{1,2000}>? | \bwww\.[^\s)]{1,2000}
      | \b[\w.+-]{1,64}+@[\w-]{1,64}\.[\w.-]{1,64} | \b\w[\w-]{0,63}+(?:/[\w.-]{1,64}){1,20}
      | \b\w[\w-]{0,63}+\.(?:example|com|org|net|io|md|py|csv|pdf|txt|jsonl?|ya?ml|dev|app|pt|eu)\b
        [/\w.-]{0,200}""",
    re.VERBOSE | re.IGNORECASE,
)


def shown_text(text: str) -> str:
    """What is seen of a text, with spaces for code and addresses; every sign keeps its place."""
    shown = [*draw_text(text).shown]
    for pattern in (_CODE, _ADDRESS):
        for found in pattern.finditer(text):
            for place in range(*found.span()):
                if shown[place] != "\n":
                    shown[place] = " "
    return "".join(shown)
