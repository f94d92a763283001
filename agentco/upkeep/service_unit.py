"""A systemd unit that keeps the company up; what files say of it is never a directive."""

import os
import re
import sys

from agentco.desk.open_company import OpenCompany
from agentco.kernel import package_data


def service_unit(company: OpenCompany) -> str:
    """A systemd user unit that runs the company; no name in it is more than a name."""
    name = company.settings.company.name or company.root.name
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    unit = package_data.load_text(__name__, "service")
    return unit.format(
        name=shown.replace("%", "%%"),
        root=unit_word(str(company.root)),
        python=unit_word(sys.executable),
    )


def unit_word(text: str) -> str:
    """One word of a unit's command, whatever its bytes (systemd.syntax(7), systemd.service(5))."""
    if re.fullmatch(r"[\w./-]+", text, re.ASCII):
        return text
    signs = os.fsencode(text).decode("latin-1")
    signs = re.sub(r'[^ -~]|["\\]', lambda sign: f"\\x{ord(sign[0]):02x}", signs)
    return f'"{signs.replace("%", "%%").replace("$", "$$")}"'
