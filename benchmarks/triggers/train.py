"""Trains the classifier that decides who must review a text, and writes its data file.

Sentences of long drafts are labelled by the words that make a review due (`at`); of a short
draft it is the sentence that speaks most for a department that is due. A feature has a weight
that all departments share (does a sentence assert, decide, promise or ask) and one for each.
Nothing is random. Thresholds are chosen on scores of drafts that were not trained on.

python benchmarks/triggers/train.py [--look]
"""

# pyright: basic, reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportIndexIssue=false

import argparse
import json
import sys
from base64 import b85encode
from collections import Counter
from pathlib import Path
from zlib import compress

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(Path(__file__).parent)]

from labelled import DEPARTMENTS, fold_of, load_labelled  # noqa: E402  the checkout is trained, not what is installed
from scoring import Result, figures, format_figures, weight_in_choice  # noqa: E402

from agentco.judging.sentence_features import (  # noqa: E402
    SCALES,
    SIZED_KINDS,
    Vocabulary,
    feature_hash,
    length_factor,
    length_share,
    read_features,
    word_pieces,
)
from agentco.review.trigger_table import strong_words  # noqa: E402

HERE = Path(__file__).parent
DATA_FILE = ROOT / "agentco" / "judging" / "judge.json"
N = len(DEPARTMENTS)
FOLDS = 5
FEATURES = 12_000
COMMON_WORDS = 350
LEAST_DRAFTS = 3
ACT_SHARE = 0.2
SHORT_CHANCE, LONG_CHANCE = 0.13, 0.33
"""How likely a review must be due, by drafts that were held out, before it is called."""
ACT_KINDS = {"m", "p", "mm", "db", "dt"}
OWN_C, SHARED_C, ACT_C = 0.4, 0.4, 0.3


class Sentences:
    """The sentences of all drafts as rows of a matrix, and each short draft as one row."""

    def __init__(self, drafts, common, kept=None):
        self.drafts = drafts
        self.common = common
        self.first = []
        self.draft_of = []
        named, sizes, whole, whole_sizes = [], [], [], []
        vocabulary = Vocabulary(common, load_fields() | strong_fields())
        for number, draft in enumerate(drafts):
            self.first.append(len(named))
            bag = {}
            count = 20 if draft.source == "sentence" else len(draft.units)
            words = 0
            for unit in draft.units:
                read = read_features(unit, public=draft.public, vocabulary=vocabulary)
                features = sentence_features(read, length_share(count))
                named.append(features)
                sizes.append(len(read.words))
                words += len(read.words)
                self.draft_of.append(number)
                bag |= features
            whole.append(bag if draft.source == "short" else {})
            whole_sizes.append(words)
        self.first.append(len(named))
        self.features = kept or frequent_features(named)
        self.rows = self._matrix(named, sizes)
        self.bags = self._matrix(whole, whole_sizes)

    def units(self, number):
        return range(self.first[number], self.first[number + 1])

    def _matrix(self, named, sizes):
        indices, values, starts = [], [], [0]
        for features, size in zip(named, sizes, strict=True):
            factor = length_factor(size)
            for name, value in features.items():
                column = self.features.get(name)
                if column is not None:
                    indices.append(column)
                    values.append(value * factor * SCALES[name[0]])
            starts.append(len(indices))
        shape = (len(named), len(self.features))
        return sparse.csr_matrix((values, indices, starts), shape=shape)


def sentence_features(read, share):
    """Every feature with its value: those of short and long texts by how short the text is."""
    features = {}
    for kind, names in read.features.items():
        for name in names:
            features[kind, name] = 1.0
            if kind in SIZED_KINDS and share > 0:
                features[kind, f"S~{name}"] = share
            if kind in SIZED_KINDS and share < 1:
                features[kind, f"L~{name}"] = 1 - share
    for word in read.features["w"]:
        for piece in word_pieces(word):
            features["c", piece] = 1.0
    return features


def frequent_features(named):
    counts = Counter(name for features in named for name in features)
    kept = sorted(name for name, count in counts.items() if count >= LEAST_DRAFTS)
    return {name: column for column, name in enumerate(kept)}


def load_fields():
    """The fields of words by department, of which no word alone says much."""
    return {
        name: tuple(words)
        for name, words in json.loads((HERE / "fields.json").read_bytes()).items()
    }


def strong_fields():
    return {f"s {name}": words for name, words in strong_words().items()}


def common_words(drafts):
    """The words that stand in the most sentences: how a text goes, not what it is about."""
    counts = Counter()
    empty = Vocabulary(frozenset(), {})
    for draft in drafts:
        if draft.source == "sentence":
            continue
        for unit in draft.units:
            read = read_features(unit, public=draft.public, vocabulary=empty)
            counts.update(read.features["w"])
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return frozenset(ranked[:COMMON_WORDS])


def unit_labels(sentences, numbers):
    """For each sentence and department what is due and how much it counts; for bags the same."""
    size = sentences.rows.shape[0]
    due, weight = np.zeros((size, N)), np.zeros((size, N))
    bag_due = np.zeros((len(sentences.drafts), N))
    bag_weight = np.zeros((len(sentences.drafts), N))
    for number in numbers:
        draft = sentences.drafts[number]
        units = np.array(sentences.units(number), dtype=int)
        for place, department in enumerate(DEPARTMENTS):
            if draft.source == "short":
                if department in draft.due:
                    bag_due[number, place] = 1
                    bag_weight[number, place] = 1.4 if draft.kind == "oblique" else 2
                elif (
                    draft.kind in {"near-miss", "clean"}
                    or department not in draft.is_own
                ):
                    weight[units, place] = 1 if len(units) < 2 else 0.77
                continue
            if (department == "how" and not draft.public) or department in draft.is_own:
                continue
            if department in draft.due:
                positive = units[draft.positive_units(department)]
                weight[units, place] = 0.7
                due[positive, place] = 1
                weight[positive, place] = 2 / max(1, len(positive)) ** 0.5
            elif department not in draft.may:
                weight[units, place] = 1
    return due, weight, bag_due, bag_weight


def fit_weights(matrix, due, weight, start=None, rounds=40):
    """Weights shared by all departments and each one's own, by logistic regression."""
    count = matrix.shape[1]
    turned = matrix.T.tocsr()

    def loss(values):
        own = values[: count * N].reshape(count, N)
        shared = values[count * N : count * (N + 1)]
        score = matrix @ (own + shared[:, None]) + values[count * (N + 1) :]
        error = weight * (1 / (1 + np.exp(-score)) - due)
        slope = turned @ error
        total = (weight * (np.logaddexp(0, score) - due * score)).sum()
        total += (own**2).sum() / OWN_C / 2 + (shared**2).sum() / SHARED_C / 2
        own_slope = (slope + own / OWN_C).ravel()
        shared_slope = slope.sum(1) + shared / SHARED_C
        return total, np.concatenate([own_slope, shared_slope, error.sum(0)])

    begin = np.zeros(count * (N + 1) + N) if start is None else start
    options = {"maxiter": rounds, "maxcor": 8}
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options=options).x
    weights = found[: count * N].reshape(count, N)
    weights = weights + found[count * N : count * (N + 1)][:, None]
    return weights, found[count * (N + 1) :], found


def train(sentences, numbers):
    """Weights and bias; of a short draft first all of it counts, then its best sentence."""
    due, weight, bag_due, bag_weight = unit_labels(sentences, numbers)
    units = np.array([unit for number in numbers for unit in sentences.units(number)])
    matrix = sparse.vstack([sentences.rows[units], sentences.bags[numbers]]).tocsr()
    weights, bias, found = fit_weights(
        matrix,
        np.vstack([due[units], bag_due[numbers]]),
        np.vstack([weight[units], bag_weight[numbers]]),
    )
    scores = sentences.rows @ weights + bias
    for number in numbers:
        for place in np.nonzero(bag_due[number])[0]:
            best = max(sentences.units(number), key=lambda unit: scores[unit, place])
            due[best, place], weight[best, place] = 1, bag_weight[number, place]
            several = len(sentences.units(number)) > 1
            bag_weight[number, place] *= 0.5 if several else 0
    weights, bias, _ = fit_weights(
        matrix,
        np.vstack([due[units], bag_due[numbers]]),
        np.vstack([weight[units], bag_weight[numbers]]),
        found,
    )
    act, act_bias = train_act(sentences, numbers)
    return weights + ACT_SHARE * act[:, None], bias + ACT_SHARE * act_bias


def train_act(sentences, numbers):
    """Whether a sentence makes any review due, by how it goes and not by what it is about."""
    columns = [
        column
        for (kind, name), column in sentences.features.items()
        if kind in ACT_KINDS or (kind == "w" and name in sentences.common)
    ]
    units, due, weight = [], [], []
    for number in numbers:
        draft = sentences.drafts[number]
        own = list(sentences.units(number))
        if draft.source == "short":
            is_quiet = draft.kind in {"near-miss", "clean"} and not draft.due
            if is_quiet or len(own) == 1:
                units += own
                due += [0 if is_quiet else 1] * len(own)
                weight += [0.5] * len(own)
            continue
        positive = {own[k] for name in draft.due for k in draft.positive_units(name)}
        for unit in own:
            if unit in positive or not draft.may:
                units.append(unit)
                due.append(int(unit in positive))
                weight.append(3.0 if unit in positive else 1.0)
    model = LogisticRegression(C=ACT_C, solver="liblinear", random_state=0)
    model.fit(sentences.rows[units][:, columns], due, sample_weight=weight)
    act = np.zeros(sentences.rows.shape[1])
    act[columns] = model.coef_[0]
    return act, model.intercept_[0]


def held_out_scores(sentences, numbers):
    """For each sentence the scores of weights that its part of the data did not train."""
    scores = np.full((sentences.rows.shape[0], N), -9.0)
    for part in range(FOLDS):
        rest = [one for one in numbers if fold_of(sentences.drafts[one]) != part]
        weights, bias = train(sentences, rest)
        for number, draft in enumerate(sentences.drafts):
            if fold_of(draft) == part:
                units = list(sentences.units(number))
                scores[units] = sentences.rows[units] @ weights + bias
    return scores


def draft_scores(sentences, scores, numbers):
    """For each draft the score of its best sentence for each department."""
    return [scores[list(sentences.units(number))].max(0).tolist() for number in numbers]


def results(sentences, scores, numbers, short, long):
    """What each draft calls, and what `at` and the rest of a long one call."""
    found = []
    for number in numbers:
        draft = sentences.drafts[number]
        units = list(sentences.units(number))
        share = length_share(len(units))
        above = scores[units] >= share * short + (1 - share) * long
        cut, alone = {}, {}
        for department in draft.due if draft.source == "long" else ():
            positive = draft.positive_units(department)
            rest = [k for k in range(len(units)) if k not in positive]
            alone[department] = _called(draft, above[positive])
            cut[department] = _called(draft, above[rest])
        found.append(
            Result(draft=draft, fired=_called(draft, above), cut=cut, alone=alone)
        )
    return found


def _called(draft, above):
    return frozenset(
        name
        for place, name in enumerate(DEPARTMENTS)
        if above[:, place].any() and (name != "how" or draft.public)
    )


def thresholds(sentences, scores, numbers):
    """The scores of short and of long texts from which a review is due with a certain chance."""
    return [
        source_thresholds(sentences, scores, numbers, source, chance)
        for source, chance in (("short", SHORT_CHANCE), ("long", LONG_CHANCE))
    ]


def source_thresholds(sentences, scores, numbers, source, chance):
    own = [one for one in numbers if sentences.drafts[one].source == source]
    best = draft_scores(sentences, scores, own)
    chosen = []
    for place, department in enumerate(DEPARTMENTS):
        rows, due, weight = [], [], []
        for number, score in zip(own, best, strict=True):
            draft = sentences.drafts[number]
            counts = weight_in_choice(draft, department)
            if counts:
                rows.append([score[place]])
                due.append(department in draft.due)
                weight.append(counts)
        model = LogisticRegression(C=0.5).fit(rows, due, sample_weight=weight)
        slope, begin = model.coef_[0][0], model.intercept_[0]
        chosen.append((np.log(chance / (1 - chance)) - begin) / slope)
    return np.array(chosen)


def prune(sentences, weights):
    """The features that weigh most over all sentences."""
    counts = np.asarray((sentences.rows != 0).sum(0)).ravel()
    scales = np.array([SCALES[name[0]] for name in sentences.features])
    worth = np.abs(weights).max(1) * scales * np.sqrt(counts)
    best = np.argsort(-worth, kind="stable")[:FEATURES]
    names = list(sentences.features)
    kept = sorted(names[column] for column in best)
    return {name: column for column, name in enumerate(kept)}


def quantise(sentences, weights):
    """Hashes in order, and for each department bytes with what a whole weight is worth."""
    scales = np.array([SCALES[name[0]] for name in sentences.features])
    hashes = np.array([feature_hash(*name) for name in sentences.features], dtype="<u4")
    order = np.argsort(hashes, kind="stable")
    worth = weights * scales[:, None]
    units = np.abs(worth).max(0) / 127**2
    # a byte stands for its square: small weights need finer steps than large ones
    whole = np.rint(np.sign(worth) * np.sqrt(np.abs(worth) / units)).astype(int)
    return hashes[order], (whole[order] + 128).astype(np.uint8), units


def packed(values):
    return b85encode(compress(values.tobytes(), 9)).decode()


def write_data(sentences, weights, bias, chosen):
    hashes, whole, units = quantise(sentences, weights)
    short, long = chosen
    fields = {name: list(words) for name, words in load_fields().items()}
    data = {
        "departments": DEPARTMENTS,
        "scales": [round(float(one), 9) for one in units],
        "bias": [round(float(one), 6) for one in bias],
        "short": [round(float(one), 3) for one in short],
        "long": [round(float(one), 3) for one in long],
        "margins": {"low": -0.7, "normal": 0.0, "high": 0.7, "off": 0.0},
        "near": 1.0,
        "common": sorted(sentences.common),
        "fields": fields,
        "hashes": packed(hashes),
        "weights": [packed(whole[:, place]) for place in range(N)],
    }
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in data.items()
    ]
    DATA_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--look", action="store_true", help="only the figures of held-out parts"
    )
    given = parser.parse_args()
    drafts = load_labelled()
    numbers = [number for number, draft in enumerate(drafts) if not draft.counted]
    sentences = Sentences(drafts, common_words([drafts[one] for one in numbers]))
    weights, _ = train(sentences, numbers)
    kept = prune(sentences, weights)
    sentences = Sentences(drafts, sentences.common, kept)
    scores = held_out_scores(sentences, numbers)
    chosen = thresholds(sentences, scores, numbers)
    own = [one for one in numbers if drafts[one].source != "sentence"]
    print(format_figures(figures(results(sentences, scores, own, *chosen))))
    if not given.look:
        weights, bias = train(sentences, numbers)
        write_data(sentences, weights, bias, chosen)
        counted = [one for one, draft in enumerate(drafts) if draft.counted]
        scores = sentences.rows @ weights + bias
        print("counted", len(counted))
        print(format_figures(figures(results(sentences, scores, counted, *chosen))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
