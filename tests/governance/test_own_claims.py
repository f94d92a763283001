"""What claims something of us: not a denial, a question, a goal or another's product; in doubt it does."""

import pytest
from claims import claim
from test_public import found


def claimed(text: str) -> bool:
    """Whether a text claims something that has to be proved."""
    return any(rule == "claims" for rule, _, _ in found(text))


@claim("public:own-claims")
@pytest.mark.parametrize(
    "text",
    [
        "We are not certified.",
        "Lumen isn\u2019t SOC\u00a02 certified.",
        "We have no SSO, SAML or SCIM.",
        "Nobody has audited us, and we never claim to be GDPR compliant.",
        "Not for you if you need single sign-on.",
        "Single sign-on: no.",
        "What Lumen does not do: SSO, audit logs.",
        "We can't promise zero downtime.",
        "N\u00e3o somos certificados.",
        "N\u00e3o \u00e9 certificado nem auditado por ningu\u00e9m.",
        "Se precisa de SSO, o Lumen n\u00e3o \u00e9 para si.",
        "Nenhum plano inclui SSO.",
    ],
)
def test_what_is_denied_is_not_claimed(text: str) -> None:
    assert not claimed(text)


@claim("public:own-claims")
@pytest.mark.parametrize(
    "text",
    [
        "Not only fast but certified.",
        "Nothing is not encrypted.",
        "No note leaves your laptop without being encrypted.",
        "Never send a note that is not encrypted.",
        "Don't worry: it is guaranteed.",
        "No lock-in, certified hosting.",
        "No other tool is certified.",
        "No questions asked refund.",
        "You need not pay extra for SSO.",
        "Nobody can deny that Lumen is certified.",
        "They say we're not certified. We are.",
        "There was no downtime.",
        "If you need SSO, you need not look any further.",
        "N\u00e3o \u00e9 s\u00f3 r\u00e1pido, \u00e9 certificado.",
        "N\u00e3o h\u00e1 nada que n\u00e3o esteja encriptado.",
        "No nosso servidor certificado h\u00e1 lugar.",
        "No plano que inclui SSO h\u00e1 mais lugar.",
    ],
)
def test_a_negation_of_something_else_denies_nothing(text: str) -> None:
    assert claimed(text)


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Is it secure by design?", False),
        ("Do I need single sign-on? Most of you do not.", False),
        ("O Lumen \u00e9 certificado?", False),
        ("Is it certified? Yes.", True),
        ("Is it encrypted? Always.", True),
        ("O Lumen \u00e9 certificado? Claro.", True),
        ("Why is it secure by design? Because the key is yours.", True),
        ("Who would not want certified software?", True),
        ("Who says it isn't certified?", True),
        ("Lumen is certified, right?", True),
        ("Sabia que o Lumen \u00e9 certificado?", True),
    ],
)
def test_a_question_claims_nothing_unless_it_is_answered_or_asks_for_the_reason(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("We aim to be certified.", False),
        ("I plan an audit log.", False),
        ("Goal: single sign-on.", False),
        ("One day I want Lumen to be certified.", False),
        ("Esperamos ter SSO.", False),
        ("O objetivo \u00e9 ser certificado.", False),
        ("We want you to know that Lumen is certified.", True),
        ("We hope you like our certified tool.", True),
        ("We aim to be certified, and already are certified.", True),
        ("Queremos que saiba que o Lumen \u00e9 certificado.", True),
        ("SSO is planned, and Lumen is certified.", True),
    ],
)
def test_a_goal_is_no_claim_and_what_is_said_beside_it_is(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Stripe is PCI DSS certified.", False),
        ("Hetzner, our host, is certified.", False),
        ("Our hosting provider guarantees it.", False),
        ("Lumen runs on Hetzner, which is certified.", False),
        ("Other tools promise unlimited storage.", False),
        ("O nosso banco \u00e9 certificado.", False),
        ("Lumen, hosted at Hetzner, is certified.", True),
        ("Stripe and Lumen are certified.", True),
        ("Stripe is certified, and so are we.", True),
        ("Stripe makes Lumen PCI-compliant.", True),
        ("Our hosting is certified.", True),
        ("Other tools promise SSO; Lumen has it.", True),
        ("Unlike Stripe, Lumen is certified.", True),
    ],
)
def test_what_another_claims_is_not_ours_and_what_rubs_off_on_us_is(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    "piece",
    ["GDPR ", "not GDPR ", "no, GDPR, ", "is GDPR? ", "we plan GDPR ", "- no\n"],
)
def test_no_sentence_takes_for_ever(piece: str) -> None:
    assert isinstance(found(piece * (40_000 // len(piece))), list)
