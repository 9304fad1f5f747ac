"""Which ads of a list will fail for their addresses is said before they are sent: by their looks, as `fetch` judges."""

import pytest

from creatives.analysis import addresses
from creatives.analysis.addresses import Limits
from creatives.analysis.inputs import UrlAd
from shared.reasons import SENTENCES, Reason

LIMITS = Limits(lambda _: 10**6)
GOOD = UrlAd("good", "https://shop.example/a.png")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (None, Reason.MALFORMED_AD),
        ("N/A", Reason.INVALID_URL),
        ("file:///tmp/a.png", Reason.FORBIDDEN_URL),
        ("http://127.0.0.1/a.png", Reason.FORBIDDEN_URL),
    ],
)
def test_an_ad_that_will_fail_is_named_with_why(url: str | None, reason: Reason) -> None:
    told = addresses.unopened([GOOD, UrlAd("7", url)], LIMITS)

    assert told == f"1 ad whose address is not opened, will fail: 7 ({SENTENCES[reason]})"


def test_of_many_the_first_are_named_and_of_none_nothing_is_said() -> None:
    told = addresses.unopened([UrlAd(str(number), None) for number in range(5)], LIMITS)

    assert addresses.unopened([GOOD], LIMITS) is None
    assert told is not None
    assert told.startswith("5 ads whose")
    assert [f"{number} (" in told for number in range(5)] == [True, True, True, False, False]
    assert told.endswith("; …")
