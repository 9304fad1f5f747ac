"""Tens of thousands of ads: repeated, late and re-ordered rows change no view, and the counts always add up."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from shared import wiring
from shared.events import Ad, Event, Failure, Fingerprint, ImageObject, Match, Sighting
from tests.cases import first_of
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import Row, World

ADS = 20_000
CREATIVES = 4_000
REPORTS = ("creatives", "ads_enriched", "duplicates", "costs", "pipeline_status")
PRICE = Decimal("0.001")


@dataclass
class Plan:
    """Rows of many ads, and what must become of them.

    Attributes:
        raw: rows of the user's own table.
        rows: events, each once, in the order of their making.
        statuses: of the ads, counted.
        spent: what all answers cost.
    """

    raw: list[Row] = field(default_factory=list)
    rows: list[Event] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    spent: Decimal = Decimal(0)


def plan(seed: int, ads: int = ADS, creatives: int = CREATIVES) -> Plan:
    """A random world of ads, half of them raw ads, a tenth of which have a dead URL."""
    dice, w, made = random.Random(seed), World(seed), Plan()
    fates: dict[str, str] = {}
    used: set[str] = set()
    for number in range(creatives):
        fates[f"c{number}"] = _creative(number, fates, dice, w, made)
    for number in range(ads):
        name, at = f"x{number}", number / 100
        if dice.random() < 0.5:
            made.raw.append(w.raw_ad(name, campaign=f"campaign {number % 7}"))
        creative = dice.choice(list(fates)) if dice.random() < 0.9 else None
        seen = w.sighting(name, creative, at=at + 1) if creative else w.failed_ad(name, at=at + 1)
        made.rows += [w.ad(name, at=at), seen]
        fate = fates[creative] if creative else "failed"
        made.statuses["duplicate" if fate == "analysed" and creative in used else fate] += 1
        used |= {creative} if creative else set()
    return made


def _creative(number: int, fates: dict[str, str], dice: random.Random, w: World, made: Plan) -> str:
    """Adds one creative's rows and tells its status. Every third shows the same as one of the others before it."""
    name, at, fate = f"c{number}", number / 10, dice.random()
    made.rows.append(w.image(name, at=at + 2))
    if fate < 0.1:
        made.rows.append(w.failed_creative(name, "hash", at=at + 3))
        return "failed"
    made.rows.append(w.fingerprint(name, at=at + 3))
    if number % 3 == 2:
        canonical = f"c{3 * dice.randrange(number // 3 + 1)}"
        made.rows.append(w.match(name, canonical, at=at + 4))
        return "duplicate" if fates[canonical] == "analysed" else fates[canonical]
    made.rows += [w.match(name, at=at + 4), w.extraction(name, at=at + 5)]
    if fate < 0.2:
        made.rows.append(w.wait(name, at=at + 6))
        return "pending"
    made.rows.append(w.answer(name, at=at + 7, cost=str(PRICE)))
    made.spent += PRICE
    return "analysed"


def digests(tables: Tables, views: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """How many rows each view has, and a digest of all their contents in any order."""
    found = {}
    for view in views:
        (row,) = tables.query(
            f"""
            SELECT COUNT(*) AS n, TO_HEX(MD5(STRING_AGG(digest ORDER BY digest))) AS digest
            FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(t))) AS digest FROM {view} AS t)
            """
        )
        found[view] = (row["n"], row["digest"])
    return found


def published_again(event: Event) -> Event:
    """The event as a second delivery of what led to it publishes it: the same, but for its time."""
    return event.model_copy(update={"occurred_at": event.occurred_at + timedelta(days=1)})


@pytest.mark.parametrize(("seed", "ads"), [(2, 30), pytest.param(1, ADS, marks=pytest.mark.long)])
def test_the_order_and_number_of_deliveries_change_no_view(tables: Tables, seed: int, ads: int) -> None:
    made, dice = plan(seed, ads, ads // 5), random.Random(seed)
    views = tuple(wiring.load().views)
    tables.fill([*made.raw, *made.rows])
    in_order = digests(tables, views)

    tables.empty()
    disordered = [*made.rows, *dice.sample(made.rows, k=len(made.rows) // 3)]
    dice.shuffle(disordered)
    late = len(disordered) // 3
    tables.fill([*made.raw, *disordered[late:]], seed=seed)
    tables.fill(disordered[:late], seed=seed)

    assert in_order["ads_enriched"][0] == ads
    assert digests(tables, views) == in_order


@pytest.mark.parametrize("ads", first_of([500, ADS]))
def test_all_ads_and_all_money_are_accounted_for(tables: Tables, ads: int) -> None:
    made = plan(3, ads, ads // 5)
    tables.fill([*made.raw, *made.rows])

    statuses: Counter[str] = Counter()
    for row in tables.read("pipeline_status"):
        statuses[row["status"]] += row["ads"]

    assert statuses == made.statuses
    assert statuses.total() == ads
    (costs,) = tables.query("SELECT SUM(cost_usd) AS usd, SUM(answers) AS answers FROM costs")
    assert (costs["usd"], costs["answers"]) == (made.spent, made.spent / PRICE)
    (shared,) = tables.query("SELECT SUM(cost_share_usd) AS usd, COUNTIF(raw_ad IS NOT NULL) AS raw FROM ads_enriched")
    unused = tables.query("SELECT SUM(spent_usd) AS usd FROM creatives GROUP BY canonical_id HAVING SUM(n_ads) = 0")
    assert abs(shared["usd"] + sum(row["usd"] or 0 for row in unused) - made.spent) <= ads * Decimal("1e-9")
    assert shared["raw"] == len(made.raw)


@pytest.mark.parametrize("ads", first_of([200, 2_000]))
def test_a_stage_that_runs_again_changes_no_report(tables: Tables, ads: int) -> None:
    made = plan(4, ads, ads // 5)
    tables.fill([*made.raw, *made.rows])
    before = digests(tables, REPORTS)

    repeatable = (Ad, Sighting, ImageObject, Fingerprint, Match, Failure)
    tables.fill([published_again(row) for row in made.rows[::3] if isinstance(row, repeatable)])

    assert digests(tables, REPORTS) == before
