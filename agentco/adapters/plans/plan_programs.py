"""The programs of plans: where they lie, and the few variables that they are given.

Whatever else is in the environment stays here: a key in it would be used, and paid, in place of the
plan.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from agentco.company.model_offers import ModelOffer
from agentco.company.settings import SETTINGS_FILE
from agentco.kernel import package_data

SHARED_VARIABLES = (
    # whose home and login it is, and where its texts and temporary files go
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    # where the system keeps logins
    *("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"),
    # how the vendor is reached, and whom to believe that it is the vendor
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
)


class PlanProgram(Struct, frozen=True, kw_only=True):
    """A program: its name, its command, how to sign in, and the variables that are its own."""

    name: str
    command: str
    sign_in: str
    variables: tuple[str, ...]

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """Of an environment only what the program needs."""
        passed = (*SHARED_VARIABLES, *self.variables)
        return {name: env[name] for name in passed if name in env}


PLAN_PROGRAMS = package_data.load_table(__name__, dict[str, PlanProgram])
"""Each program by the `kind` of its provider."""


class FoundProgram(Struct, frozen=True, kw_only=True):
    """Where a program lies, or in words why it cannot be used."""

    path: str = ""
    problem: str = ""


def find_program(offer: ModelOffer, env: Mapping[str, str], root: Path) -> FoundProgram:
    """Find the program of an offer: as the settings name it, else by its command on the PATH.

    One in the company's own folder is not used: its agents could write it.
    """
    program = PLAN_PROGRAMS[offer.wire]
    named = str(Path(offer.program or program.command).expanduser())
    path = shutil.which(root / named if "/" in named else named, path=env.get("PATH"))
    if path is None:
        setting = f"providers: {{{offer.provider}: {{program: …}}}} in {SETTINGS_FILE}"
        where = "is not there" if "/" in named else "is not on the PATH"
        what = f"{named} {where}: install {program.name}, or say where it is: {setting}"
        return FoundProgram(problem=what)
    if Path(path).resolve().is_relative_to(root.resolve()):
        what = f"{named} lies in the company, whose agents could write it"
        return FoundProgram(problem=f"{what}: put it elsewhere")
    return FoundProgram(path=str(Path(path).absolute()))
