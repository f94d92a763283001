"""Numbers to call, to write to and to know: phones, addresses, ports, status codes, decades."""

import re

from agentco.kernel import package_data
from agentco.kernel.comparison import any_of

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_ANY = {kind: any_of(words) for kind, words in _TABLE.items()}
_NO_WORD, _WORD_END = r"(?<![^\W_])", r"(?![^\W_])"
_PHONE = rf"""\+\d{{1,3}}[ ().\d-]{{6,20}}\d
    | {_NO_WORD}(?:{_ANY["numbers"]})(?:[ ](?:is|é))?(?:[ ]?[:\#]|[ ]at)?[ ]
      \d[ ().\d-]{{4,20}}\d"""
_ADDRESS = rf"""(?<![\w-])\d{{4}}-\d{{3}}(?![\w-])
    | {_NO_WORD}(?:{_ANY["streets"]})[ ][^\d,.;!?]{{2,40}}?,?[ ](?:n\.?[ºo][ ]?)?\d{{1,4}}(?!\w)
    | (?<!\w)\d{{1,4}}[a-z]?(?:[ ][a-z]{{3,15}}){{1,3}}[ ](?:{_ANY["roads"]}){_WORD_END}"""
_MACHINE = rf"""(?<=localhost:)\d{{2,5}} | (?<=\d\.\d:)\d{{2,5}}
    | (?<!\w)(?:{_ANY["articles"]})[ ](?:40[0134589]|410|418|42[29]|50[0-4])
      (?=[ ](?:{_ANY["after_codes"]}){_WORD_END}|[s.,;:!?)]|\Z)"""
_SAYING = r"""(?<!\w)(?:50/50|80/20|1:1|1-on-1|9[ ]to[ ]5|9-to-5|9[ ]às[ ]5)(?!\w)
    | (?:19|20)?\d0s(?!\w) | \d{1,2}(?:st|nd|rd|th)[ -]century
    | (?<=©[ ])\d{4}(?:[ ]?[-\u2013][ ]?\d{4})? | (?<=happy[ ])20\d\d"""
_CONTACT = re.compile(f"{_PHONE}|{_ADDRESS}|{_MACHINE}|{_SAYING}", re.VERBOSE)


def is_contact(near: str, place: int) -> bool:
    """Whether the number at a place of folded text is a part of an address or the like."""
    return any(one.start() <= place < one.end() for one in _CONTACT.finditer(near))
