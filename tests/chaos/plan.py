"""What a seed means: which ads come in, what has to become of each, and which faults happen when."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tests import pictures
from tests.e2e import campaign
from tests.e2e.campaign import File

Kind = Literal[
    "kill_functions",
    "kill_bigquery",
    "kill_pubsub",
    "restart_storage",
    "stall_bigquery",
    "stall_storage",
    "full_disk",
    "model_outage",
    "wrong_clock",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

type Expected = str
"""What an ad must end as: the creative that it shows, or `failed:` and the reason."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        at_s: seconds after the first ad came in.
        lasts_s: how long; 0 for a crash that is repaired at once.
        skew_s: for a wrong clock: by how much.
    """

    at_s: float
    kind: Kind
    lasts_s: float
    skew_s: float = 0


@dataclass(frozen=True)
class Plan:
    """A seed's ads and faults.

    Attributes:
        files: uploads, by object name.
        pages: published ads: the path of each on the tests' web site, by ad_id.
        expected: what each ad must end as: by object name, or ad_id.
        creatives: how many different creatives can be analysed.
        faults: in order of time.
    """

    seed: int
    files: Mapping[str, bytes]
    pages: Mapping[str, str]
    expected: Mapping[str, Expected]
    creatives: int
    faults: tuple[Fault, ...]


# Pages of tests/hostile_server.py that are no creative, and the reason.
_DEAD = {
    "/status/404": "not_found",
    "/status/403": "access_denied",
    "/page.html": "not_media_page",
    "/empty.png": "empty_file",
    "/document.pdf": "unsupported_type",
    "/loop": "too_many_redirects",
}


def draw(seed: int, ads: int, storm_s: float) -> Plan:
    """The plan of a seed with about so many ads, and faults within so many seconds."""
    chance = random.Random(seed)
    drawn = _campaign(chance, seed, ads * 4 // 10)
    broken = {f"broken-{number}.jpg": _broken(chance, number) for number in range(ads // 20)}
    pages = _pages(chance, ads - len(drawn) - len(broken))
    expected = {file.name: f"creative {file.creative}" for file in drawn}
    expected |= dict.fromkeys(broken, "failed:broken_image")
    expected |= {ad: _expected(path) for ad, path in pages.items()}
    return Plan(
        seed=seed,
        files={file.name: file.content for file in drawn} | broken,
        pages=pages,
        expected=expected,
        creatives=len({outcome for outcome in expected.values() if not outcome.startswith("failed:")}),
        faults=faults(chance, storm_s),
    )


def _campaign(chance: random.Random, seed: int, count: int) -> list[File]:
    creatives, versions = max(2, count // 5), count // 10
    return campaign.files(seed, creatives=creatives, versions=versions, copies=count - creatives - versions)


def _broken(chance: random.Random, number: int) -> bytes:
    """The first half of a JPEG."""
    whole = pictures.encode(pictures.draw(320, 240, seed=10_000 + number), "JPEG")
    return whole[: len(whole) // 2] + bytes([number])


def _pages(chance: random.Random, count: int) -> dict[str, str]:
    """So many ads: most of pictures that several of them share, some by way of redirects or faults, some of nothing."""
    pictures_shown = max(1, count // 3)
    found = {}
    for number in range(count):
        picture = f"/images/{chance.randrange(pictures_shown)}.png"
        kind = chance.random()
        if kind < 0.75:
            path = picture
        elif kind < 0.82:
            path = f"/redirect?to={picture}"
        elif kind < 0.88:
            path = f"/flaky/{chance.randrange(1, 4)}?ad={number}"
        else:
            path = chance.choice([*_DEAD])
        found[f"ad-{number}"] = path
    return found


def _expected(path: str) -> Expected:
    if path.startswith("/flaky/"):  # answers 503 so many times, then with the picture of that number
        return f"creative /images/{path[len('/flaky/')]}.png"
    return f"failed:{_DEAD[path]}" if path in _DEAD else f"creative {path.removeprefix('/redirect?to=')}"


def faults(chance: random.Random, storm_s: float) -> tuple[Fault, ...]:
    """Each kind at least once, in an order and at times of the seed's own."""
    kinds = [*KINDS, "kill_functions", chance.choice(KINDS), chance.choice(KINDS)]
    chance.shuffle(kinds)
    step_s = storm_s / len(kinds)
    return tuple(
        Fault(
            at_s=(place + chance.random() / 2) * step_s,
            kind=kind,
            lasts_s=chance.uniform(0.2, 0.45) * step_s,
            skew_s=chance.choice((-1, 1)) * chance.uniform(5, 20) if kind == "wrong_clock" else 0,
        )
        for place, kind in enumerate(kinds)
    )
