"""What is known of one creative, in lines for people: what became of it, what it shows, and the ads that show it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared import reasons
from shared.counting import many

type Row = Mapping[str, Any]


def lines(creative: Row, ads: Row) -> Iterator[str]:
    """The lines; `creative` and `ads` are as `Questions.creative` and `Questions.ads_of` tell them."""
    yield f"{creative['creative_id']}  {', '.join(_facts(creative))}"
    if creative["status"] == "failed":
        yield f"  {reasons.sentence(creative['reason'])}"
    yield from _values(creative.get("from_ads", {}).get("features") or {})
    yield from _values({"tags": creative.get("tags"), "notes": [each["text"] for each in creative.get("notes") or ()]})
    yield f"{many(ads['n_ads'], 'ad')}{':' if ads['ads'] else ''}"
    yield from (_ad(each) for each in ads["ads"])
    if (more := ads["n_ads"] - len(ads["ads"])) > 0:
        yield f"  and {many(more, 'more ad')}"


def _facts(creative: Row) -> Iterator[str]:
    """What it is, what became of it, and whose copy or version."""
    yield creative["status"]
    yield creative.get("kind", "no picture and no video")
    if creative.get("width"):
        yield f"{creative['width']}x{creative['height']}"
    if creative.get("duration_s"):
        yield f"{creative['duration_s']:.1f} s"
    if creative.get("match") == "duplicate":
        yield f"a copy of {creative['canonical_id']}"
    elif version := creative.get("version_of"):
        yield f"another version of {version}"


def _values(told: Row) -> Iterator[str]:
    width = max(map(len, told), default=0)
    yield from (f"  {name:{width}}  {_said(value)}" for name, value in told.items() if value not in (None, [], {}))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)


def _ad(ad: Row) -> str:
    """Its id, what became of it, and where it came from where its id does not say so."""
    named = ad.get("from_ads", {})
    ad_id, source = (named.get(name) or "" for name in ("ad_id", "source"))
    is_told = source.rpartition("/")[2] == ad_id.rpartition("/")[2]
    return f"  {ad_id or '(no ad id)'} ({ad['status']}){'' if is_told else f'  {source}'}"
