"""The gate: which pairs are near by hash, proportions and length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dedup import decisions, gate
from functions.dedup.known import Known, hashes
from shared.events import Kind
from tests.functions.dedup import creatives

ROLL = np.random.default_rng(1).integers(-(2**63), 2**63, 400, dtype=np.int64).tolist()


def image(name: str, dhash: int, **changes: object) -> Known:
    return decisions.undecided(creatives.fingerprint(name, dhash=dhash, **changes))


def video(name: str, frames: list[int], **changes: object) -> Known:
    fields = {"kind": Kind.VIDEO, "dhash": None, "frames": frames, "duration_s": len(frames) / 4} | changes
    return decisions.undecided(creatives.fingerprint(name, **fields))


@pytest.mark.parametrize(("bits", "passes"), [(0, True), (1, True), (10, True), (11, False), (63, False)])
def test_images_are_near_up_to_ten_bits(bits: int, passes: bool) -> None:
    distance = gate.distance(image("a", 0), image("b", (1 << bits) - 1))

    assert distance == (bits if passes else None)


def test_the_sign_bit_is_a_bit_like_others() -> None:
    assert gate.distance(image("a", -(2**63)), image("b", 0)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"width": 1000}, {"hash_version": "other/1"}, {"near_blank": True, "dhash": None}],
    ids=["other proportions", "another hash", "near blank"],
)
def test_what_cannot_be_compared_does_not_pass(changes: dict[str, object]) -> None:
    assert gate.distance(image("a", 7), image("b", **({"dhash": 7} | changes))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("height", "passes"), [(628, True), (666, True), (691, True), (760, False)])
def test_stills_are_near_that_may_be_one_within_bars(height: int, passes: bool) -> None:
    one, other = (image(name, 7, width=1200, height=tall) for name, tall in (("a", 628), ("b", height)))

    assert (gate.distance(one, other) is not None) is passes
    assert gate.of_one_shape(one.aspect, other.aspect) is (height == 628)


@pytest.mark.parametrize(
    ("inside", "hashed_inside", "passes"), [(1200 / 628, 7, True), (1200 / 628, 2**40 - 1, False), (1.0, 7, False)]
)
def test_stills_are_near_by_what_is_inside_their_bars(inside: float, hashed_inside: int, *, passes: bool) -> None:
    one = image("a", 7, width=1200, height=628)
    within_bars = image("b", -1, width=1080, height=1920, picture_aspect=inside, frames=[hashed_inside])

    assert (gate.distance(one, within_bars) is not None) is passes
    assert (gate.distance(within_bars, one) is not None) is passes


@given(st.integers(0, 8), st.integers(0, 4), st.integers(40, 200))
def test_a_trimmed_video_is_found_at_its_offset(start: int, end: int, count: int) -> None:
    whole = ROLL[:count]
    trimmed = whole[start : count - end]

    shift, bits = gate.best_offset(hashes(whole), hashes(trimmed))

    assert (shift, bits) == (start, 0.0)


@given(st.integers(1, 30), st.integers(1, 30))
def test_an_offset_is_found_for_videos_of_any_length(one: int, other: int) -> None:
    shift, bits = gate.best_offset(hashes(ROLL[:one]), hashes(ROLL[:other]))

    assert abs(shift) <= max(one, other)
    assert bits <= 64


def test_no_shift_is_tried_at_which_less_is_paired_than_trims_leave() -> None:
    ends_as_the_other_begins = [*ROLL[100:139], ROLL[0]]

    shift, bits = gate.best_offset(hashes(ROLL[:40]), hashes(ends_as_the_other_begins))

    assert abs(shift) <= 10
    assert bits > gate.VIDEO_RADIUS


@pytest.mark.parametrize("order", [1, -1])
def test_a_video_of_which_no_frame_is_known_does_not_pass(order: int) -> None:
    one, other = [video("a", ROLL[:40]), video("b", [], duration_s=10.0)][::order]

    assert gate.distance(one, other) is None


def test_a_copy_of_a_video_is_as_far_as_its_frames_differ() -> None:
    assert gate.distance(video("a", ROLL[:40]), video("b", [frame ^ 0b111 for frame in ROLL[:40]])) == 3.0


def test_another_video_does_not_pass() -> None:
    assert gate.distance(video("a", ROLL[:60]), video("b", ROLL[60:120])) is None


@pytest.mark.parametrize("part", [ROLL[:24], ROLL[31:91], ROLL[96:120]], ids=["start", "middle", "end"])
def test_a_part_passes_with_its_whole_whichever_comes_first(part: list[int]) -> None:
    whole, cut = video("a", ROLL[:120]), video("b", part)

    assert gate.distance(whole, cut) == gate.distance(cut, whole) == 0.0


GLANCED = [round(at * 119 / 9) for at in range(10)]
"""Where a glance at thirty seconds finds its key frames, of four a second."""


def glance(frames: list[int]) -> Known:
    return video("large", [frames[at] for at in GLANCED], duration_s=len(frames) / 4)


@pytest.mark.parametrize(
    "part",
    [ROLL[20:44], ROLL[31:91], [*ROLL[60:76], *ROLL[112:120]], [*ROLL[60:80], *ROLL[300:304]]],
    ids=["six seconds", "fifteen", "with the last two", "with a card of its own"],
)
def test_a_part_passes_with_a_whole_that_was_only_glanced_at(part: list[int]) -> None:
    whole, cut = glance(ROLL[:120]), video("cut", part)

    assert gate.distance(whole, cut) == gate.distance(cut, whole) == 0.0


@pytest.mark.parametrize("part", [ROLL[200:224], ROLL[200:260], ROLL[40:47]], ids=["six seconds", "fifteen", "a flash"])
def test_no_stranger_passes_with_what_was_only_glanced_at(part: list[int]) -> None:
    assert gate.distance(glance(ROLL[:120]), video("other", part)) is None


@pytest.mark.parametrize(("bits", "passes"), [(5, True), (6, False)])
def test_a_part_of_what_was_glanced_at_may_differ_by_some_bits(bits: int, passes: bool) -> None:
    cut = video("cut", [frame ^ ((1 << bits) - 1) for frame in ROLL[31:91]])

    assert (gate.distance(glance(ROLL[:120]), cut) is not None) == passes


@pytest.mark.parametrize(
    ("key_frames", "part_s", "whole_s", "expected"),
    [(10, 15.0, 30.0, 3), (10, 30.0, 30.0, 7), (10, 6.0, 30.0, gate.FEWEST_SHOWN), (20, 15.0, 30.0, 7)],
)
def test_a_part_shows_key_frames_by_its_length(key_frames: int, part_s: float, whole_s: float, expected: int) -> None:
    assert gate.shown(key_frames, part_s, whole_s) == expected


def test_two_that_fade_from_black_are_no_parts_of_each_other() -> None:
    black = [0] * 30
    large, other = glance([*black, *ROLL[:60], *black]), video("other", [0] * 8 + ROLL[200:220])

    assert gate.distance(large, other) is None


def test_a_glance_at_black_alone_has_no_parts() -> None:
    assert gate.distance(glance([0] * 120), video("other", [0] * 24)) is None


def test_one_that_is_played_faster_passes_and_one_of_other_frames_does_not() -> None:
    times = np.arange(0, 96) * 1.25
    faster = [ROLL[round(at)] for at in times]

    assert gate.distance(video("a", ROLL[:120]), video("b", faster)) == 0.0
    assert gate.distance(video("a", ROLL[:120]), video("b", ROLL[200:296])) is None


@pytest.mark.parametrize(("frames", "passes"), [(7, False), (8, True), (9, True)])
def test_a_flash_is_no_part(frames: int, passes: bool) -> None:
    assert (gate.distance(video("a", ROLL[:120]), video("b", ROLL[:frames])) is not None) == passes


@pytest.mark.parametrize(("bits", "passes"), [(10, True), (11, False)])
def test_a_part_may_differ_by_some_bits_in_nine_of_ten_frames(bits: int, passes: bool) -> None:
    anchored = gate.anchors(np.arange(40, dtype=np.uint64)).tolist()
    drawn = [frame ^ ((1 << bits * (at not in anchored)) - 1) for at, frame in enumerate(ROLL[:40])]

    assert (gate.distance(video("a", ROLL[:120]), video("b", drawn)) is not None) == passes


@pytest.mark.parametrize(("bits", "passes"), [(8, True), (9, False)])
def test_the_anchors_of_a_part_may_differ_by_some_bits(bits: int, passes: bool) -> None:
    anchored = gate.anchors(np.arange(40, dtype=np.uint64)).tolist()
    drawn = [frame ^ ((1 << bits * (at in anchored)) - 1) for at, frame in enumerate(ROLL[:40])]

    assert (gate.distance(video("a", ROLL[:120]), video("b", drawn)) is not None) == passes


def test_of_many_parts_the_nearest_are_compared_and_all_that_last_as_long() -> None:
    whole = video("whole", ROLL[:120])
    copies = [video(f"copy {number}", ROLL[:120]) for number in range(30)]
    parts = [video(f"part {number}", ROLL[number : number + 40]) for number in range(30)]

    found = gate.nearest_moving(whole, [*parts, *copies])

    assert {known.creative_id for known in copies} <= {known.creative_id for known in found}
    assert len(found) == len(copies) + gate.MOST_RELATED


def test_the_nearest_parts_are_those_whose_frames_differ_least() -> None:
    bits = [number // 2 for number in range(gate.MOST_RELATED + 8)]
    parts = [video(f"part {n}", [hashed ^ ((1 << b) - 1) for hashed in ROLL[:40]]) for n, b in enumerate(bits)]

    found = gate.nearest_moving(video("whole", ROLL[:120]), parts[::-1])

    assert {known.creative_id for known in found} == {known.creative_id for known in parts[: gate.MOST_RELATED]}


@pytest.mark.parametrize(("seconds", "alike"), [(gate.DURATION_TOLERANCE_S, True), (3.0, False)])
def test_what_has_no_length_lasts_no_time(seconds: float, alike: bool) -> None:
    one, other = image("still", 7), video("film", ROLL[:40], duration_s=seconds)

    assert (gate.as_long(one, other), gate.as_long(other, one)) == (alike, alike)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 240])
def test_anchors_are_frames_of_the_video(count: int) -> None:
    frames = hashes(ROLL[:count])

    found = gate.anchors(frames)

    assert found.size == gate.ANCHORS
    assert np.isin(found, frames).all()


def test_anchors_are_spread_over_the_video_and_keep_off_its_ends() -> None:
    assert gate.anchors(hashes(list(range(240)))).tolist() == [30, 90, 150, 210]


def test_of_shifts_that_agree_alike_the_smallest_is_taken() -> None:
    still = hashes([5] * 40)

    assert gate.best_offset(still, still) == (0, 0.0)
