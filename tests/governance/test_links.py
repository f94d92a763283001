"""Where public text may lead: which host on which channel, however an address is written."""

from datetime import date
from time import process_time

import pytest
from claims import claim

from agentco.company import read_settings
from agentco.memory import MemoryGraph
from agentco.public_text import build_standards, check_public_text

SETTINGS = read_settings(
    "links:\n"
    "  Lumen: {site: lumen.example, social: lumen-app.example, x: lumen-x.example}\n"
    "  Boia: {site: boia.example}\n"
).settings


def wrong(text: str, hint: str = "") -> list[str]:
    against = build_standards(
        SETTINGS, MemoryGraph(), words=(), today=date(2026, 11, 21), hint=hint
    )
    findings = check_public_text(text, against)
    return [one.text for one in findings if one.rule.value == "links"]


HOSTS = {"site": "lumen.example", "social": "lumen-app.example", "x": "lumen-x.example"}


@claim("public:links")
@pytest.mark.parametrize(
    ("hint", "head", "right"),
    [
        ("write the launch post", "", "social x"),
        ("a thread about Lumen", "", "social x"),
        ("write a tweet", "", "x"),
        ("a LinkedIn post", "", "social"),
        ("for Mastodon", "", "social"),
        ("a Bluesky thread", "", "social"),
        ("the newsletter", "", "site"),
        ("the pricing page", "", "site"),
        ("a blog post", "", "site"),
        ("say something", "", "site social x"),
        ("", "", "site social x"),
        ("a tweet", "Channel: LinkedIn", "social"),
        ("", "# Launch\n\n- **Platform:** Bluesky\n", "social"),
        ("", "| Channel | X |", "x"),
        ("", "### Channel: newsletter", "site"),
        ("a post\n\nChannel: site", "Channel: LinkedIn", "site"),
        ("escreve uma publicação", "", "social x"),
    ],
)
def test_the_channel_says_which_host_is_right(hint: str, head: str, right: str) -> None:
    for name, host in HOSTS.items():
        text = f"{head}\n\nLumen is at https://{host}/x"
        said = [] if name in right.split() else [f"https://{host}"]
        assert wrong(text, hint) == said, name


@claim("public:links")
def test_social_holds_for_no_channel_that_is_not_social() -> None:
    assert wrong("Boia: https://boia.example", "a LinkedIn post") == []
    assert wrong("Lumen: https://lumen-app.example", "the newsletter") != []


@claim("public:links")
@pytest.mark.parametrize(
    "text",
    [
        "[here](//evil.example/x)",
        "[here](https:&#47;&#47;evil.example)",
        "[here](&#104;ttps://evil.example)",
        "[here](\\/\\/evil.example)",
        "[here][1]\n\n[1]: //evil.example",
        "[1]\n\n[1]: <https://evil.example>",
        "<a href=//evil.example>here</a>",
        '<a href="ht\ttps://evil.example">here</a>',
        '<a href="https:\n//evil.example">here</a>',
        '<a href="https:evil.example">here</a>',
        '<a href=" https:\\\\evil.example">here</a>',
        "<a href='/\\evil.example'>here</a>",
        "<a href=https&colon;//evil.example>here</a>",
        "<a href=//%65vil.example>here</a>",
        "<img src=//evil.example/a.png>",
        "<img srcset='a.png 1x, //evil.example/b.png 2x'>",
        "<video poster=//evil.example/a.png></video>",
        "<form action=//evil.example></form>",
        "<button formaction=//evil.example>x</button>",
        '<meta http-equiv="refresh" content="0; url=//evil.example">',
        "<https://evil.example>",
        "https://ev<b>il</b>.example",
        "https://ev\u200bil.example",
        "https://lumen.example@evil.example",
        "https://lumen.example:80@evil.example",
        "https://lumen.example.evil.example",
        "https://evil.example#lumen.example",
        "https://xn--evl-5na.example",
        "ev\u0456l.example",
        "&#101;vil.example",
        "**evil**.example",
        "<!-- https://evil.example -->",
        "![x](//evil.example/x.png)",
        "[here](javascript:alert(1))",
        "<a href='java\nscript:alert(1)'>here</a>",
        "<a href=&#106;avascript:alert(1)>here</a>",
        "[here](data:text/html,x)",
        "<a href=vbscript:x>here</a>",
        "[lumen.example](https://lumen-app.example)",
        "[https://lumen.example/a](https://boia.example)",
        "<a href=https://lumen.example>lumen-app.example</a>",
        "[lum**en**.example][1]\n\n[1]: https://lumen-app.example",
    ],
)  # fmt: skip
def test_a_wrong_address_is_seen_however_it_is_written(text: str) -> None:
    assert wrong(f"Lumen: {text}")


@claim("public:links")
@pytest.mark.parametrize(
    "text",
    [
        "[here](https://lumen.example/a(b))",
        "[lumen.example](https://docs.lumen.example)",
        "[docs.lumen.example](https://lumen.example/docs)",
        "[here](/pricing) [there](#top) [mail](mailto:ines@lumen.example)",
        "<a href='/pricing'>lumen.example</a> <a name=x>y</a>",
        '<img src="data:image/png;base64,AAAA" alt="A chart">',
        "<img srcset='a.png 1x, b.png 2x'>",
        "LUMEN.example and https://LUMEN.EXAMPLE:443/?a=b&c=d#e",
        "`javascript:` is no link, and README.md is a file.",
        "Channel: site",
        "[lumen.example/a](lumen.example/a)",
    ],
)
def test_what_leads_home_is_left_alone(text: str) -> None:
    assert wrong(f"Lumen: {text}") == []


@claim("public:links")
def test_the_text_and_the_target_of_a_link_agree_whatever_is_registered() -> None:
    against = build_standards(
        read_settings("").settings,
        MemoryGraph(),
        words=(),
        today=date(2026, 11, 21),
        hint="",
    )
    (finding,) = check_public_text("[a.example](https://b.example/x)", against)
    assert finding.text == "https://b.example/x"
    assert "a.example" in finding.hint
    assert "b.example" in finding.hint


@claim("public:laws")
@pytest.mark.parametrize(
    "piece",
    ["[a](//b.example) ", "<a href=//b.example>a.example", "https://b.example ", "Channel:"],
)  # fmt: skip
def test_many_links_take_no_longer_than_their_number(piece: str) -> None:
    began = process_time()
    wrong(f"Lumen {piece * (65536 // len(piece))}")
    assert process_time() - began < 10
