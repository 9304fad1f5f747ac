"""Is the first creative that is found the one that was looked for, in whatever language, and how long does it take?

    python -m benchmarks.finding [--half kept|tuned] [--vectors 100000]

80 ads of five languages among 260 others; each is looked for in words of its own, mostly in another language. Beside
it stands how many of the words' letters the ads have, as an index of words would find them. Then as many vectors as an
account of that size has are asked by one.

Nothing was tuned on them: what is set was set on the other half (`tuned`, 80 more among 200). On the last 40 it was
tried to take out of the vectors what tells languages apart (principal components of translations), and to compare
parts and single words of ads beside the whole; what found more there found less of the first 40. The names of things
(creatives/agents/glossary.csv) were written before anybody who wrote them had read the kept half.
"""

import argparse
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from creatives.agents.meaning import Vectors

_HALVES = {"kept": "finding.yaml", "tuned": "finding_tuned.yaml"}


def ads(half: str) -> tuple[list[str], list[str]]:
    """What all ads say, those that are asked for first, and what is asked for."""
    told: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(_HALVES[half]).read_text())
    others = [f"{other}. {offer}" for other in told["others"] for offer in told["told"]]
    return [each["ad"] for each in told["asked"]] + others, [each["query"] for each in told["asked"]]


def by_words(said: list[str], query: str) -> int:
    """The ad with most of the query's words; the first of several."""
    words = re.findall(r"\w+", query.lower())
    return int(np.argmax([sum(f" {word}" in f" {text.lower()}" for word in words) for text in said]))


def main() -> None:
    """Prints hit@1 of both, and the time of a question."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--vectors", type=int, default=100_000)
    arguments.add_argument("--half", choices=_HALVES, default="kept")
    chosen = arguments.parse_args()
    said, asked = ads(chosen.half)
    features = [{"text": each} for each in said]
    places = [str(at) for at in range(len(said))]
    vectors = Vectors.of(places, places, features)
    vectors.by_words(asked[0], 1)  # the model is there, and what is usual
    begun = time.process_time()
    found = [[int(place) for place, _ in vectors.by_words(each, len(said))] for each in asked]
    better = [each.index(at) if at in each else len(said) for at, each in enumerate(found)]
    words = [by_words(said, query) == at for at, query in enumerate(asked)]
    print(f"{len(asked)} queries over {len(said)} ads: hit@1 {np.mean([n < 1 for n in better]):.3f},", end=" ")
    print(f"hit@3 {np.mean([n < 3 for n in better]):.3f}; by words alone hit@1 {np.mean(words):.3f}")
    listed = np.mean([at in each for at, each in enumerate(found)])
    print(f"listed at all {listed:.3f}, with {np.mean([len(each) for each in found]):.1f} ads a query")
    print("not the first:", "; ".join(query for query, n in zip(asked, better, strict=True) if n))
    print(f"{1000 * (time.process_time() - begun) / len(asked):.1f} ms of processor time a question")
    random = np.random.default_rng(0).normal(size=(chosen.vectors, vectors.rows.shape[1])).astype(np.float32)
    things = np.resize(vectors.things, (chosen.vectors, vectors.things.shape[1]))
    many = Vectors(
        np.array([f"{n:040}" for n in range(chosen.vectors)]), np.zeros(chosen.vectors, "U40"), random, random, things
    )
    begun, began_at = time.process_time(), time.perf_counter()
    many.by_words(asked[0], 10)
    taken_ms, busy_ms = 1000 * (time.perf_counter() - began_at), 1000 * (time.process_time() - begun)
    print(f"{chosen.vectors:,} vectors asked in {taken_ms:.0f} ms, {busy_ms:.0f} ms of processor time")


if __name__ == "__main__":
    main()
