"""The closing line of `creatives analyze`: counts that add up, and all the money."""

from decimal import Decimal

import pytest

from creatives.analysis import rendering
from creatives.analysis.results import AdResult, Status
from shared.reasons import Reason


def ad(name: str, status: Status, cost: str | None = None, share: str | None = None, creative: str = "") -> AdResult:
    return AdResult(
        ad_id=name,
        source=name,
        status=status,
        creative_id=creative or name,
        cost_usd=Decimal(cost) if cost else None,
        cost_share_usd=Decimal(share) if share else None,
    )


def lost(name: str, reason: Reason, share: str | None = None) -> AdResult:
    return ad(name, Status.FAILED, None, share).model_copy(update={"reason": reason})


@pytest.mark.parametrize(
    ("results", "money"),
    [
        ([ad("a", Status.ANALYSED, "0")], "nothing spent"),
        ([ad("a", Status.ANALYSED, "0.01"), ad("b", Status.ANALYSED, "0.02")], "$0.0300 spent"),
        ([ad("a", Status.ANALYSED, "0.01"), ad("b", Status.DUPLICATE, "0.01", "0.005")], "$0.0100 spent, 1 extraction"),
        ([ad("a", Status.ANALYSED, "0.01"), ad("b", Status.FAILED, None, "0.004")], "$0.0140 spent"),
        ([ad("a", Status.FAILED, None, "0.002", "c"), ad("b", Status.FAILED, None, "0.002", "c")], "$0.0040 spent"),
        ([ad("a", Status.FAILED)], "nothing spent"),
        ([lost("a", Reason.BROKEN_IMAGE)], "nothing spent"),
        ([lost("a", Reason.INVALID_ANSWER), lost("b", Reason.REPLY_LOST)], "what 2 answers cost is not known"),
        ([lost("a", Reason.INVALID_ANSWER, "0.0072")], "$0.0072 spent"),
        ([ad("a", Status.ANALYSED)], "what 1 answer cost is not known"),
        (
            [ad("a", Status.ANALYSED), ad("b", Status.ANALYSED, "0.01")],
            "$0.0100 spent, what 1 answer cost is not known",
        ),
    ],
)
def test_all_that_was_paid_is_told(results: list[AdResult], money: str) -> None:
    assert f"; {money}" in rendering.summary(results).plain
