"""The events: what they accept, what they refuse, and that JSON keeps them."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared import wiring
from shared.events import EVENTS, Correction, Event, Failure, Kind, Match, MatchKind, Override
from shared.reasons import Reason

ONE = "1" * 40
OTHER = "2" * 40


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_is_wired_to_its_topic_and_keyed_by_its_own_fields(event: type[Event]) -> None:
    wired = wiring.load()

    topic = wired.topics[event.TOPIC]

    assert topic.event == event.__name__
    assert set(event.KEY) <= set(event.model_fields)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_table_has_the_key_of_its_event(event: type[Event]) -> None:
    wired = wiring.load()
    tables = {s.table for s in wired.bigquery_subscriptions.values() if s.topic == event.TOPIC}

    keys = [wired.tables[table].key for table in tables]

    assert keys == [list(event.KEY)]


def decision(**changes: Any) -> Mapping[str, Any]:
    return {
        "event_id": "1",
        "creative_id": ONE,
        "kind": Kind.IMAGE,
        "match": MatchKind.NEW,
        "canonical_id": ONE,
        "family_id": ONE,
        "method": "hash",
        "method_version": "1",
        **changes,
    }


@given(
    st.builds(Match.model_validate, st.just(decision()) | st.just(decision(distance=3, matched_id=OTHER, score=1.5)))
)
def test_an_event_survives_its_own_json(event: Match) -> None:
    again = Match.model_validate_json(event.model_dump_json(exclude_none=True))

    assert again == event


def test_a_duplicate_without_a_canonical_of_its_own_cannot_be_built() -> None:
    with pytest.raises(ValidationError, match="duplicate with canonical"):
        Match.model_validate(decision(match="duplicate"))


def test_a_new_creative_cannot_have_another_as_canonical() -> None:
    with pytest.raises(ValidationError, match="new with canonical"):
        Match.model_validate(decision(canonical_id=OTHER))


@pytest.mark.parametrize("creative_id", ["", "1" * 39, "1" * 41, "G" * 40, "1" * 39 + "\n", "../" + "1" * 37])
def test_a_creative_id_is_forty_hexadecimal_digits(creative_id: str) -> None:
    with pytest.raises(ValidationError, match="creative_id"):
        Match.model_validate(decision(creative_id=creative_id))


def test_an_event_of_another_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="schema_version"):
        Match.model_validate(decision(schema_version=2))


def test_a_field_that_a_later_release_added_is_ignored() -> None:
    event = Match.model_validate(decision(added_later=1))

    assert "added_later" not in event.model_dump()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="occurred_at"):
        Match.model_validate(decision(occurred_at="2026-11-23T04:00:00"))


def test_a_reset_of_a_feature_that_says_something_is_refused() -> None:
    with pytest.raises(ValidationError, match="reset takes no value"):
        Correction(event_id="1", creative_id=ONE, field="price", action="reset", value="1", author="ana")


@pytest.mark.parametrize(
    ("action", "canonical_id"), [("merge", None), ("merge", ONE), ("split", OTHER), ("reset", OTHER)]
)
def test_an_override_that_says_nothing_clear_is_refused(action: str, canonical_id: str | None) -> None:
    with pytest.raises(ValidationError, match="merge needs another creative"):
        Override(event_id="1", creative_id=ONE, action=action, canonical_id=canonical_id, author="ana")


@pytest.mark.parametrize("cost_usd", ["-0.01", "0.0000000001", "1e30", "NaN", "Infinity"])
def test_a_cost_that_its_column_cannot_hold_is_refused(cost_usd: str) -> None:
    with pytest.raises(ValidationError, match="cost_usd"):
        Failure(event_id="1", stage="extract", reason=Reason.INVALID_ANSWER, detail="d", cost_usd=cost_usd)
