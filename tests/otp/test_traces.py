"""1,500 recordings of Erlang/OTP's own supervisor, played to ours."""

from claims import claim
from replay import all_replayed, traces
from still import still


@claim("supervisor:otp")
def test_our_supervisor_does_what_that_of_erlang_does_line_by_line() -> None:
    ours, theirs = still(all_replayed), traces()
    assert len(theirs) == 8365
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []
