"""Trains the models of what a text claims and states, and writes their data file.

Trained on are the texts that were read while the rules were written (`tuning`, `looked`,
`drafts_read`) and `drafts_lines`, which was written for it; never on what is counted. A threshold
is chosen on scores of texts that were not trained on: nearly nothing that is due may slip.

python benchmarks/public_text/train.py [--look]
"""

# pyright: basic, reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportIndexIssue=false

import argparse
import json
import sys
from base64 import b85encode
from collections import Counter
from pathlib import Path
from zlib import compress

import msgspec
import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import public_drafts  # noqa: E402  the checkout is trained, not what is installed
import public_text  # noqa: E402
from public_drafts import Draft, meet, spans_of  # noqa: E402

from agentco.company import read_settings  # noqa: E402
from agentco.judging.line_model import line_hash  # noqa: E402
from agentco.kernel.figures import locate_figures  # noqa: E402
from agentco.public_text import build_standards, claims as claim_rules, judged_figures  # noqa: E402
from agentco.public_text.figure_sources import find_unsourced_figures  # noqa: E402
from agentco.public_text.judged_claims import read_places  # noqa: E402
from agentco.public_text.judged_figures import read_figures  # noqa: E402
from agentco.public_text.rendered_text import read_visible_text  # noqa: E402
from agentco.public_text.sentence_marks import (  # noqa: E402
    place_features,
    sentence_parts,
    source_stems,
)

DATA_FILE = ROOT / "agentco" / "judging" / "line_model.json"
HERE = Path(__file__).parent
PROSE = ("long-train", "short-more", "tune-en", "tune-pt", "report-en", "report-pt")
PROSE_WEIGHT, DUE_WEIGHT, CASE_WEIGHT = 0.3, 3.0, 3.0
CASES = ("tuning", "looked")
"""Files whose labels tell claims from figures."""
FOLDS = 5
LEAST = 2
SIZES = {"watched": 1200, "praise": 2200, "figure": 1000}
KEPT, SURE = {"watched": 0.995, "figure": 0.995}, 0.82
"""So much of what is due must not slip; of the praise that is found so much must be some."""
STRENGTHS = {"watched": 0.2, "praise": 0.1, "figure": 0.2}


class Example(msgspec.Struct):
    """Features with the answer; `group` keeps what is alike out of both parts."""

    features: list
    yes: bool
    group: str
    lang: str
    shown: str
    weight: float = 1.0


def texts():
    """Every text that may be trained on, as a draft with what must be held."""
    for name in ("drafts_read", "drafts_lines"):
        yield from public_drafts.drafts(name)
    for name in CASES:
        for number, case in enumerate(public_text.cases(name)):
            yield Draft(
                id=f"{name}{number}",
                text=case.text,
                files={"facts": "\n".join(case.sources)},
                claims=(public_drafts.Claim("Lumen", "", "LIVE"),),
                hold=tuple(words for _, words in case.findings),
                fine=(),
                lang=case.lang,
            )


def sentence_features(read):
    return [name for of, part in sentence_parts(read) for name in of(part)]


def due_sentences():
    """Sentences that deny or suppose something else and claim all the same: all of it is due."""
    for number, row in enumerate(read_rows("due_sentences.jsonl")):
        yield Draft(
            id=f"due{number}",
            text=row["text"],
            files={},
            claims=(public_drafts.Claim("Lumen", "", "LIVE"),),
            hold=(row["text"],),
            fine=(),
            lang=row["lang"],
        )


def standards_of(draft):
    return build_standards(
        read_settings("company: {name: Farol}\n").settings,
        public_drafts.memory_of(draft),
        words=tuple(draft.files.values()),
        today=public_drafts.TODAY,
        hint="",
    )


def due_spans(draft):
    """Where something must be held: without figures, and with them."""
    spans = {True: [], False: []}
    for words in draft.hold:
        has_figure = any(True for _ in locate_figures(f"{words} days"))
        spans[has_figure] += spans_of(draft.text, words)
    return spans[False], spans[True]


def prose():
    """The public drafts of the triggers, each with what was labelled of it by place or by words.

    Of a place is said whether it must be held. A sentence of which nothing is said praises
    nothing, as far as one knows.
    """
    labels = {}
    for row in read_rows("prose_labels.jsonl"):
        labels.setdefault((row["file"], row["id"]), []).append(row)
    for name in PROSE:
        for row in read_rows(f"../triggers/{name}.jsonl"):
            own = labels.get((name, row["id"]), [])
            if own or (row["public"] and name in {"long-train", "short-more"}):
                draft = Draft(
                    id=f"{name}-{row['id']}",
                    text=row["text"],
                    files={},
                    claims=(),
                    hold=(),
                    fine=(),
                    lang=row["lang"],
                )
                yield draft, own, row["public"]


def read_rows(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def gather_prose():
    """The examples of other hands, who wrote for another question."""
    watched, praise = [], []
    for draft, labels, is_public in prose():
        standards = standards_of(draft)
        view = read_visible_text(draft.text).seen
        at = {row["at"]: row["due"] for row in labels if "at" in row}
        due_of = {row["words"]: row["due"] for row in labels if "at" not in row}
        found = claim_rules.claim_candidates(view, draft.text, standards)
        places = [match.span() for matches in found.values() for match in matches]
        said = claim_rules.said_stems(
            standards, claim_rules.founder_claims(standards.graph)
        )
        for one in claim_rules.stated_places(view, draft.text, places, standards, said):
            span = view.source_span(one.span)
            if span[0] in at:
                features = place_features(one.read, one.word)
                watched.append(
                    Example(
                        features=features,
                        yes=at[span[0]],
                        group=draft.id,
                        lang=draft.lang,
                        shown=draft.text[slice(*span)],
                    )
                )
        told = source_stems(tuple(draft.text.split("\n")[::2]))
        for span, read in read_places(view, draft.text, told, standards.names):
            shown = draft.text[slice(*view.source_span(span))].strip()
            due = due_of.get(shown, False)
            if any(span[0] <= place < span[1] for place, _ in places):
                continue
            if due is not None and is_public:
                praise.append(
                    Example(
                        features=sentence_features(read),
                        yes=due,
                        group=draft.id,
                        lang=draft.lang,
                        shown=shown,
                        weight=1.0 if due else PROSE_WEIGHT,
                    )
                )
    return {"watched": watched, "praise": praise}


def figure_examples(draft, standards, page):
    """The figures of a text that nothing backs and no rule lets pass."""
    held = {
        (one.line, one.text)
        for one in find_unsourced_figures(page, standards)
        if one.rule == "grounding"
    }
    due = [span for words in draft.hold for span in spans_of(draft.text, words)]
    places = [
        place
        for place in locate_figures(page.drawing.shown)
        if (
            draft.text.count("\n", 0, place.start) + 1,
            draft.text[place.start : place.end],
        )
        in held
    ]
    for place, read, word in read_figures(page, places, standards):
        yield Example(
            features=place_features(read, word),
            yes=meet([(place.start, place.end)], due),
            group=draft.id,
            lang=draft.lang,
            shown=draft.text[place.start : place.end] + " | " + draft.text[:120],
        )


def gather():
    """The examples of each model; the model of figures is asked nothing meanwhile."""
    models = judged_figures.MODELS
    sure = msgspec.structs.replace(models.figure, bias=1e6)
    judged_figures.MODELS = msgspec.structs.replace(models, figure=sure)
    watched, praise, figure = [], [], []
    for draft in (*texts(), *due_sentences()):
        standards = standards_of(draft)
        page = read_visible_text(draft.text)
        view = page.seen
        plain, with_figures = due_spans(draft)
        figure += figure_examples(draft, standards, page)
        found = claim_rules.claim_candidates(view, draft.text, standards)
        places = [match.span() for matches in found.values() for match in matches]
        founder = claim_rules.founder_claims(standards.graph)
        products = standards.products_named(page)
        backed = {
            match.span()
            for phrase, matches in found.items()
            if not claim_rules.why_unproved(phrase, founder, products)
            for match in matches
        }
        said = claim_rules.said_stems(standards, founder)
        for one in claim_rules.stated_places(view, draft.text, places, standards, said):
            span = view.source_span(one.span)
            if one.span in backed:
                continue
            watched.append(
                Example(
                    features=place_features(one.read, one.word),
                    yes=meet([span], [*plain, *with_figures]),
                    group=draft.id,
                    lang=draft.lang,
                    shown=draft.text[slice(*span)] + " | " + draft.text[:150],
                    weight=DUE_WEIGHT if draft.id.startswith("due") else 1.0,
                )
            )
        if draft.id.startswith("due"):
            continue
        for span, read in read_places(view, draft.text, said, standards.names):
            shown = [view.source_span(span)]
            is_due, is_case = meet(shown, plain), draft.id.startswith(CASES)
            if meet(shown, with_figures) and not is_due and not is_case:
                continue
            praise.append(
                Example(
                    features=sentence_features(read),
                    yes=is_due,
                    group=draft.id,
                    lang=draft.lang,
                    shown=draft.text[slice(*shown[0])],
                    weight=CASE_WEIGHT if is_case and not is_due else 1.0,
                )
            )
    return {"watched": watched, "praise": praise, "figure": figure}


def matrix_of(examples, columns):
    indices, starts = [], [0]
    for one in examples:
        indices += [columns[name] for name in one.features if name in columns]
        starts.append(len(indices))
    shape = (len(examples), len(columns))
    return sparse.csr_matrix((np.ones(len(indices)), indices, starts), shape=shape)


def frequent(examples):
    counts = Counter(name for one in examples for name in one.features)
    kept = sorted(name for name, count in counts.items() if count >= LEAST)
    return {name: column for column, name in enumerate(kept)}


def fit(rows, due, weight, strength):
    model = LogisticRegression(C=strength, solver="liblinear", random_state=0)
    return model.fit(rows, due, sample_weight=weight)


def held_out(examples, strength):
    """The score of each example by a model that did not see its text."""
    groups = sorted({one.group for one in examples})
    part = {group: number % FOLDS for number, group in enumerate(groups)}
    parts = np.array([part[one.group] for one in examples])
    due = np.array([one.yes for one in examples])
    weight = np.array([one.weight for one in examples])
    rows = matrix_of(examples, frequent(examples))
    scores = np.zeros(len(examples))
    for fold in range(FOLDS):
        rest = parts != fold
        model = fit(rows[rest], due[rest], weight[rest], strength)
        scores[~rest] = model.decision_function(rows[~rest])
    return scores, due


def threshold_of(name, scores, due):
    """The score from which the answer is yes, on texts that were not trained on."""
    if name != "praise":
        return float(np.quantile(scores[due], 1 - KEPT[name]))
    ranked = np.argsort(-scores, kind="stable")
    sure = np.cumsum(due[ranked]) / np.arange(1, len(due) + 1)
    return float(scores[ranked[np.flatnonzero(sure >= SURE).max()]])


def show(name, examples, scores, due, threshold):
    """What is held of what is due and passed of what is not, by language."""
    print(f"{name}: {len(due)} examples, {int(due.sum())} due")
    languages = np.array([one.lang for one in examples])
    for lang in ("en", "pt"):
        own = languages == lang
        yes, above = due[own], scores[own] >= threshold
        print(
            f"  {lang}  due and held {above[yes].mean():6.1%}"
            f"  not due and passed {(~above[~yes]).mean():6.1%}"
        )


def pruned(examples, strength, size):
    """The features that weigh most over all examples."""
    columns = frequent(examples)
    rows = matrix_of(examples, columns)
    due = np.array([one.yes for one in examples])
    weight = np.array([one.weight for one in examples])
    weights = fit(rows, due, weight, strength).coef_[0]
    worth = np.abs(weights) * np.sqrt(np.asarray(rows.sum(0)).ravel())
    names = list(columns)
    kept = sorted(names[at] for at in np.argsort(-worth, kind="stable")[:size])
    return {name: column for column, name in enumerate(kept)}


def packed(values):
    return b85encode(compress(bytes(values), 9)).decode()


def model_of(name, examples, threshold):
    """A model as it is shipped: a byte for a weight stands for its square."""
    columns = pruned(examples, STRENGTHS[name], SIZES[name])
    due = np.array([one.yes for one in examples])
    weight = np.array([one.weight for one in examples])
    model = fit(matrix_of(examples, columns), due, weight, STRENGTHS[name])
    weights = dict(zip(columns, model.coef_[0], strict=True))
    scale = max(map(abs, weights.values())) / 127**2
    by_hash = sorted((line_hash(name), weight) for name, weight in weights.items())
    whole = [
        round(np.sign(weight) * (abs(weight) / scale) ** 0.5) + 128
        for _, weight in by_hash
    ]
    return {
        "hashes": packed(b"".join(one.to_bytes(3, "little") for one, _ in by_hash)),
        "weights": packed(whole),
        "scale": round(float(scale), 9),
        "bias": round(float(model.intercept_[0]) - threshold, 6),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--look", action="store_true", help="only held-out figures")
    given = parser.parse_args()
    models = {}
    more = gather_prose()
    for name, own in gather().items():
        examples = own + more.get(name, [])
        scores, due = held_out(examples, STRENGTHS[name])
        threshold = threshold_of(name, scores, due)
        show(name, examples, scores, due, threshold)
        if not given.look:
            models[name] = model_of(name, examples, threshold)
    if not given.look:
        lines = [
            f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in models.items()
        ]
        DATA_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
