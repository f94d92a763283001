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
    ("text", "claims"),
    [
        ("## Not in Lumen\n\n- SSO\n- audit log", False),
        ("What we do not have:\n\n* SAML\n* an SLA", False),
        ("## Roadmap\n\n- SSO", False),
        ("O que n\xe3o temos:\n\n- SSO", False),
        ("Planned for spring:\n\n1. single sign-on", False),
        ("### Not included\n\nSSO, SAML, audit log.", False),
        ("## New\n\n- SSO", True),
        ("### Removed\n\n- The limit: storage is now unlimited", True),
        ("What you won't find elsewhere:\n\n- SSO", True),
        ("Not in the free plan:\n\n- SSO", True),
        ("No Lumen:\n\n- SSO", True),
        ("## Roadmap\n\n- SSO is live", True),
        ("## What we do not charge for\n\n- SSO", True),
    ],
)
def test_what_stands_above_a_list_holds_for_its_items(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("## SSO\n\nNot in Lumen, and not planned.", False),
        ("## Audit log\n\nLumen keeps no such thing.", False),
        ("Unlimited storage? In your dreams.", False),
        ("Suporte 24/7? Quem dera.", False),
        ("SSO, SAML, SCIM: none of these.", False),
        ("Q: Is there SSO?\nA: No.", False),
        ("A visitor asked me whether we are GDPR compliant. I do not know.", False),
        ("## SSO\n\nNo extra cost.", True),
        ("## Encrypted\n\nNobody reads your notes.", True),
        ("SSO? In every plan.", True),
        ("24/7 support? Yes.", True),
        ("**Is there SSO?**\nYes.", True),
        ("Is it certified?\n\nYes.", True),
        ("Q: Is there SSO?\nA: Yes.", True),
        ("\u201cIs it certified?\u201d a buyer asked. Of course it is.", True),
    ],
)
def test_a_label_is_what_the_sentence_behind_it_says(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("If Lumen were certified, it would cost twice as much.", False),
        ("If we ever get certified, you will read it here first.", False),
        ("Se f\xf4ssemos certificados, o pre\xe7o seria outro.", False),
        ("If SSO is a must for you, Lumen is not ready.", False),
        ("If your auditor insists on SOC 2, we can't help you.", False),
        ("Unless you need SSO, you will be happy.", False),
        ("Once we are certified, we will tell you.", False),
        ("Once we encrypt it, nobody will read it.", True),
        ("If you need SSO, Lumen has it.", True),
        ("If you need SSO, talk to us.", True),
        ("If SSO is a must for you, Lumen is ready.", True),
        ("If we were not certified, you would not hear from us.", True),
        ("If we ever lose a note, you get a refund.", True),
        ("If you need SSO, you'll not find a better tool.", True),
    ],
)
def test_what_is_only_supposed_is_not_claimed(text: str, *, claims: bool) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Mr. Costa, a certified accountant, keeps the books.", False),
        ("The warranty of my laptop ran out.", False),
        ("O reembolso do IRS chegou hoje.", False),
        ("The bakery next door is open 24/7.", False),
        ("Dois fatores explicam o atraso: a chuva e a greve.", False),
        ("\u201cEnterprise-grade\u201d is a phrase we avoid.", False),
        ("Words we never use: unhackable, bulletproof.", False),
        ("SOC 2 is an audit standard from the US.", False),
        ("A guide to the GDPR for florists.", False),
        ("Our certified accountants check every entry.", True),
        ("A entrada tem dois fatores.", True),
        ("The sandbox in Lumen keeps your school safe.", True),
        ("The word for Lumen is certified.", True),
        ("In a word: certified.", True),
        ("GDPR is a promise we keep.", True),
        ("An article on how Lumen is encrypted.", True),
        ("Words we like: certified, simple.", True),
        ("Never lose hope: never lose a note.", True),
    ],
)
def test_a_word_of_another_sense_or_one_that_is_only_mentioned_claims_nothing(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("\u201cUnlimited everything,\u201d says a competitor\u2019s ad.", False),
        (
            "\u201cSem SSO, n\xe3o assinamos\u201d, disse-nos uma empresa. N\xe3o assinou.",
            False,
        ),
        (
            "\u201cSelf-hosted only,\u201d a reader wrote. We have no such version.",
            False,
        ),
        ("\u201cLumen is certified and it shows,\u201d says a customer.", True),
        ("\u201cIt's unhackable,\u201d wrote a reader. We blush.", True),
        ("A rival says \u201cunhackable\u201d. We say the same: unhackable.", True),
    ],
)
def test_who_is_quoted_speaks_for_themselves_only_when_we_say_no(
    text: str, *, claims: bool
) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Stripe's PCI DSS certification covers the card form.", False),
        ("The SLA of our host is on its website.", False),
        ("The card payments run through Stripe, a PCI DSS certified company.", False),
        ("We host at Hetzner (ISO 27001 certified).", False),
        ("With Dropbox you get unlimited storage.", False),
        ("O centro de dados tem certifica\xe7\xe3o ISO 27001.", False),
        ("If a tool promises unlimited storage, read the small print.", False),
        ("Lumen's certification covers Stripe too.", True),
        ("Our SLA beats the SLA of our host.", True),
        ("With Lumen you get unlimited storage.", True),
        ("Our company, a certified shop, made Lumen.", True),
        ("The SLA is ours, not Hetzner's.", True),
    ],
)
def test_what_belongs_to_another_is_theirs(text: str, *, claims: bool) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("We are nowhere near certified.", False),
        ("Estamos longe de ser certificados.", False),
        ("You won't find an SLA here.", False),
        ("We do not, and will not, offer unlimited pages.", False),
        ("We stopped offering refunds in May.", False),
        ("It would be a lie to call Lumen unhackable.", False),
        ("Ningu\xe9m lhe garante isso.", False),
        ("There has been no audit, hence no certification.", False),
        ("Far from being a toy, Lumen is certified.", True),
        ("You won't find a better SLA.", True),
        ("You won't find certified hosting at this price.", True),
        ("We do not, and will not, charge for unlimited storage.", True),
        ("We stopped offering plans without SSO.", True),
        ("Don't look any further for an SLA.", True),
        ("Ningu\xe9m garante mais do que n\xf3s.", True),
    ],
)
def test_a_denial_may_be_said_in_many_words(text: str, *, claims: bool) -> None:
    assert claimed(text) is claims


@claim("public:own-claims")
@pytest.mark.parametrize(
    "piece",
    [
        "GDPR ",
        "“GDPR” ",
        "SSO? no. ",
        "- GDPR\n",
        "not GDPR ",
        "no, GDPR, ",
        "is GDPR? ",
        "we plan GDPR ",
        "- no\n",
    ],
)
def test_no_sentence_takes_for_ever(piece: str) -> None:
    assert isinstance(found(piece * (40_000 // len(piece))), list)
