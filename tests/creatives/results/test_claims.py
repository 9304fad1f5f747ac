"""What `creatives works` says of a comparison."""

import pytest

from creatives.results.commands import claim

ROW = {
    "metric": "click-through rate", "currency": None, "feature": "has_text", "value": "true", "effect": 0.2,
    "low": None, "high": None, "n_with": 10, "n_without": 12, "verdict": "no claim", "equal_with": 4.26,
    "equal_without": 9.9,
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("too few creatives", "no claim, too few creatives: as sure as 4.3 and 9.9 of equal weight, 8 each are needed"),
        ("too few events", "no claim, too few events: 30 each are needed"),
        ("uncertain", "no claim, measured and uncertain"),
        (None, "no claim"),
    ],
)
def test_why_nothing_is_claimed_is_said(reason: str | None, said: str) -> None:
    assert claim({**ROW, "reason": reason}).endswith(f"10 creatives beside 12: {said}")


def test_a_claim_is_said_as_one() -> None:
    assert claim({**ROW, "low": 0.1, "high": 0.3, "verdict": "higher", "reason": None}).endswith("12: higher")
