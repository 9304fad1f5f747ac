"""A video is cut where it is cut, looked at where it matters, and its evidence has a second."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from functions.extract.extractors.offline import findings, footage, standing, video
from functions.extract.extractors.offline.findings import Findings, Sight
from functions.extract.extractors.offline.footage import Look
from functions.extract.extractors.offline.video import Scene
from shared.features import HEARD, Pace, VideoFeatures
from shared.media.ocr import Block, Line
from shared.media.sandbox import InMemory
from shared.reasons import Reason, Rejected
from tests import fonts, videos
from tests.cases import first_of, some_of
from tests.functions.extract.extractors.offline.wordings import block

pytestmark = pytest.mark.slow

SPOT = Path(__file__).resolve().parents[5] / "samples" / "vanta-spot.mp4"


def card(text: str, color: str, seconds: float, fps: int = 25) -> Iterator[videos.Frame]:
    """A still picture with words and a moving dot, for some seconds."""
    picture = Image.new("RGB", (480, 270), color)
    ImageDraw.Draw(picture).text((30, 90), text, "white", fonts.bold(34))
    for number in range(round(seconds * fps)):
        frame = picture.copy()
        ImageDraw.Draw(frame).ellipse((10 + number, 220, 20 + number, 230), fill="white")
        yield np.asarray(frame)


def told(content: bytes, duration_s: float, content_type: str = "video/mp4") -> Findings:
    with video.stream_of(InMemory(content), content_type) as stream:
        return footage.of_video(stream, duration_s)


@pytest.fixture(scope="module")
def ad() -> Findings:
    """A silent ad of three scenes: a headline, an offer with a price, and an end card that calls."""
    frames = [
        *card("The light running shoe", "navy", 3),
        *card("Now only $89.99\n20% OFF", "darkgreen", 2),
        *card("Lumera\nShop now", "maroon", 2),
    ]
    return told(videos.encode(frames), 7.0)


def test_every_cut_is_found(ad: Findings) -> None:
    scenes = [(scene["start_s"], scene["end_s"]) for scene in ad["scenes"]]

    assert scenes == [(0.0, 3.0), (3.0, 5.0), (5.0, 7.0)]
    assert ad["pace"] is Pace.MEDIUM


def test_each_scene_has_its_own_words(ad: Findings) -> None:
    assert [scene["text"] for scene in ad["scenes"]] == [
        "The light running shoe",
        "Now only $89.99 20% OFF",
        "Lumera Shop now",
    ]


def test_the_hook_is_what_the_first_three_seconds_say(ad: Findings) -> None:
    assert ad["hook"] == {"text": "The light running shoe", "description": None}


def test_the_last_scene_with_words_is_the_end_card(ad: Findings) -> None:
    assert ad["end_card"] == {"start_s": 5.0, "text": "Lumera Shop now"}


def test_offer_price_and_call_have_their_second(ad: Findings) -> None:
    assert (ad["discount_percent"], ad["price_text"], ad["call_to_action"]) == (20, "$89.99", "Shop now")
    assert 3 <= ad["promotion_s"] < 5
    assert 3 <= ad["price_s"] < 5
    assert 5 <= ad["call_to_action_s"] < 7


@pytest.mark.parametrize("sound", [False, True])
def test_where_nothing_listens_nothing_is_told_of_what_is_heard(sound: bool) -> None:
    found = told(videos.encode(card("Hello there", "navy", 1), sound=sound), 1.0)

    assert not set(HEARD) & found.keys()


def test_the_findings_fill_the_model_of_videos(ad: Findings) -> None:
    filled = findings.fill(VideoFeatures, ad)

    assert filled.scenes is not None
    assert len(filled.scenes) == 3
    assert filled.transcript is None


def test_a_spot_of_two_scenes_is_read() -> None:
    found = told(SPOT.read_bytes(), 6.0)

    assert [(scene["start_s"], scene["end_s"]) for scene in found["scenes"]] == [(0.0, 4.0), (4.0, 6.0)]
    assert found["call_to_action"] == "Book now"
    assert found["promotion_text"] == "0% financing until June"


CARDS = ("The light shoe", "Made in Porto", "Now €55.99", "Free returns", "Only today", "Lumera club")


@pytest.mark.parametrize("fps", first_of([25, 12, 60]))
def test_each_card_of_half_a_second_is_read(fps: int) -> None:
    frames = [frame for words in CARDS for frame in card(words, "navy", 0.5, fps)]

    found = told(videos.encode(frames, fps=fps), 3.0)

    assert found["text"] == " ".join(CARDS)
    assert found["price_text"] == "€55.99"
    assert found["price_s"] == pytest.approx(2 * round(0.5 * fps) / fps, abs=0.01)  # since the card is shown


@pytest.mark.long
def test_each_card_is_read_of_a_file_that_says_that_it_lasts_a_moment() -> None:
    frames = [next(card(words, "navy", 1)) for words in CARDS]

    found = told(
        videos.slides(frames, [1000 * number for number in range(len(frames))], lasts_ms=40), 5.04, "video/webm"
    )

    assert found["text"] == " ".join(CARDS)
    assert 2.0 <= found["price_s"] < 3.0


def test_what_moves_is_looked_at_no_more_often() -> None:
    with video.stream_of(InMemory(videos.encode(videos.moving_square(6))), "video/mp4") as stream:
        parts = video.cut(stream)

    assert len(video.looks(parts.scenes, parts.changes)) <= len(video.looks(parts.scenes))


def test_a_video_whose_later_frames_have_another_size_is_cut_there() -> None:
    wide = videos.encode(card("Lumera shoes", "navy", 1), muxer="mpegts")
    narrow_frames = [frame[:, :400] for frame in card("Shop now", "maroon", 1)]
    narrow = videos.encode(narrow_frames, muxer="mpegts", times_ms=range(1000, 2000, 40))

    with video.stream_of(InMemory(wide + narrow), "video/mp2t") as stream:
        scenes = video.cut(stream).scenes

    assert [round(scene.start) for scene in scenes] == [0, 1]


def test_a_turned_video_is_read_upright() -> None:
    found = told(videos.encode((np.rot90(frame) for frame in card("Jetzt kaufen", "navy", 1)), rotation=-90), 1.0)

    assert found["text"] == "Jetzt kaufen"


def test_one_scene_without_words_says_little() -> None:
    plain = [np.full((120, 160, 3), 90, dtype=np.uint8)] * 30

    found = told(videos.encode(plain), 1.2)

    assert found["has_text"] is False
    assert len(found["scenes"]) == 1
    assert "hook" not in found
    assert "end_card" not in found


@pytest.mark.long
def test_a_long_video_is_looked_at_without_cutting_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "LONGEST_CUT_S", 1.0)

    found = told(videos.encode(card("Learn more", "navy", 2)), 2.0)

    assert found["call_to_action"] == "Learn more"
    assert "scenes" not in found
    assert "pace" not in found


@pytest.mark.parametrize("content", [b"no video at all", SPOT.read_bytes()[:3000]])
def test_a_damaged_video_is_rejected(content: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        told(content, 6.0)

    assert refusal.value.reason is Reason.BROKEN_VIDEO


def test_another_type_is_rejected() -> None:
    with pytest.raises(Rejected) as refusal, video.stream_of(InMemory(b"x"), "image/png"):
        pass

    assert refusal.value.reason is Reason.UNSUPPORTED_TYPE


@given(st.lists(st.floats(0.04, 90), min_size=1, max_size=200))
def test_looks_are_few_in_order_and_within_the_video(lengths: list[float]) -> None:
    edges = np.cumsum([0.0, *lengths]).tolist()
    scenes = [Scene(start, end) for start, end in pairwise(edges)]

    seconds = video.looks(scenes)

    assert 1 <= len(seconds) <= video.MOST_LOOKS
    assert seconds == sorted(set(seconds))
    assert seconds[0] >= 0
    assert seconds[-1] < edges[-1]


@pytest.mark.parametrize(("lengths", "pace"), [([5.0], Pace.SLOW), ([2.0, 2.0], Pace.MEDIUM), ([1.0] * 6, Pace.FAST)])
def test_pace_is_the_mean_length_of_a_shot(lengths: list[float], pace: Pace) -> None:
    edges = np.cumsum([0.0, *lengths]).tolist()

    assert footage.pace([Scene(start, end) for start, end in pairwise(edges)]) is pace


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Summer sale now on", "SUMMER SALE N0W ON"),
        ("Only until 12 May", "0nly unti1 l2 May"),
        ("Only until 12 May", "Only unti 12 May"),
        ("Size 58 is back in stock", "5ize S8 is back in stock"),
        ("Run further in the rain", "Runtfurther in the rain"),
        ("Trail shoes 119 €", "Trail s oes 119 €"),
        ("Switch in five minutes", "Switch infiveminutes"),
        ("only €849", "only€849"),
        ("Vitamin B from oats", "Vitamin 8 from oats"),
        ("The news of i love tea", "The news of l love tea"),
        ("Only for a week in Turin", "Only for o weck in Turin"),
    ],
)
def test_two_readings_of_the_same_words_are_one(one: str, other: str) -> None:
    kept = footage.distinct([block(one), block(other), block("Shop now")])

    assert [each.text for each in kept] == [one, "Shop now"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Save 20% on running shoes", "Save 30% on running shoes"),
        ("Jetzt nur 89,99 € im Shop", "Jetzt nur 79,99 € im Shop"),
        ("Maintenant à 9 € par mois", "Maintenant à 7 € par mois"),
        ("Only until 12 May", "Only until 22 May"),
        ("Only today 81/18", "Only today 18/18"),
        ("New season 37/6", "New season 37/16"),
        ("The collection of 2026", "The collection of 2027"),
        ("Winter tyres 205/55 R16", "Winter tyres 205/55 R18"),
        ("Call 0800 123 456 now", "Call 0800 123 457 now"),
        ("Model A1 is available now", "Model A is available now"),
    ],
)
def test_the_same_words_with_another_figure_are_others(one: str, other: str) -> None:
    assert len(footage.distinct([block(one), block(other), block(one.upper())])) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Find our new store in the middle of Milan", "Find our new store in the middle of Turin"),
        ("Everything for your home delivered on Monday", "Everything for your home delivered on Friday"),
        ("We deliver to your home on Tuesday", "We deliver to your home on Thursday"),
        ("The warm winter jacket now in black", "The warm winter jacket now in green"),
        ("Die großen Angebote gelten bis Ende Juni", "Die großen Angebote gelten bis Ende Mai"),
        ("Classic leather shoes for women Shop now", "Classic leather shoes for men Shop now"),
        ("Free delivery on all orders over £40", "Free delivery on all orders over £40 now"),
        ("Light leather men boots from Lumera", "Light leather women boots from Lumera"),
        ("We open at the old mill in May", "We open at the old mill in July"),
        ("Vitamin C", "Vitamin D"),
        ("Running shirt in size XS", "Running shirt in size XL"),
        ("Bus line U to the fair", "Bus line M to the fair"),
    ],
)
def test_the_same_words_but_for_one_are_others(one: str, other: str) -> None:
    assert [each.text for each in footage.distinct([block(one), block(other), block(one.upper())])] == [one, other]


@pytest.mark.parametrize(
    ("one", "other"),
    [("00:00:01.480", "00:00:02.000"), ("01:59:58:12", "02:00:00:00"), ("Ends in 11:59:59", "Ends in 08:14:02")],
)
def test_a_running_clock_is_read_once(one: str, other: str) -> None:
    assert [kept.text for kept in footage.distinct([block(one), block(other)])] == [one]


def test_dates_and_hours_are_no_running_clock() -> None:
    assert len(footage.distinct([block("12.10.2026"), block("24.11.2027"), block("9:00"), block("18:30")])) == 4


def test_a_person_in_any_frame_is_a_person_and_none_in_all_is_unknown() -> None:
    swatch = Image.new("RGB", (64, 64))

    seen = footage.of_looks([Look(0.5, Sight([], 0), swatch), Look(1.5, Sight([], 2), swatch)])
    unseen = footage.of_looks([Look(0.5, Sight([], 0), swatch)])

    assert seen["has_people"] is True
    assert "people_count" not in seen
    assert "has_people" not in unseen


@pytest.mark.parametrize(("held_s", "calls"), [(0.1, False), (0.5, None)])
def test_what_nobody_has_time_to_read_is_no_lack(held_s: float, calls: bool | None) -> None:
    swatch = Image.new("RGB", (64, 64))
    words = block("The new seven seater for the whole family")
    shown = Look(0.0, Sight([words], 0), swatch, 1.0), Look(1.0, Sight([], 0, 0.9), swatch, held_s)

    found = footage.of_looks(shown)

    assert found["text"] == words.text
    assert found["has_call_to_action"] is calls


def faded(one: Image.Image, other: Image.Image, frames: int) -> Iterator[videos.Frame]:
    """One picture that becomes another bit by bit."""
    for number in range(frames):
        yield np.asarray(Image.blend(one, other, (number + 1) / (frames + 1)))


def wiped(one: Image.Image, other: Image.Image, frames: int) -> Iterator[videos.Frame]:
    """One picture that another covers from the left."""
    for number in range(frames):
        shown = one.copy()
        width = one.width * (number + 1) // (frames + 1)
        shown.paste(other.crop((0, 0, width, one.height)), (0, 0))
        yield np.asarray(shown)


def lit(words: str, color: str) -> Image.Image:
    picture = Image.new("RGB", (480, 270), color)
    ImageDraw.Draw(picture).text((30, 90), words, "white", fonts.bold(34))
    return picture


@pytest.mark.parametrize("way", first_of([faded, wiped]))
def test_a_card_is_read_once_it_stands_and_a_scene_begins_where_one_fades_into_the_next(
    way: Callable[[Image.Image, Image.Image, int], Iterator[videos.Frame]],
) -> None:
    """In the middle of a fade from €89.90 to another line there is a price that nobody asks."""
    cards = [lit("Wild is waiting", "navy"), lit("€89.90 until June", "teal"), lit("Peakline\nOrder now", "maroon")]
    frames = [*[np.asarray(cards[0])] * 50, *way(cards[0], cards[1], 15), *[np.asarray(cards[1])] * 50]
    frames += [*way(cards[1], cards[2], 15), *[np.asarray(cards[2])] * 50]

    found = told(videos.encode(frames), 7.2)

    assert found["text"] == "Wild is waiting €89.90 until June Peakline Order now"
    assert [scene["text"] for scene in found["scenes"]] == [
        "Wild is waiting",
        "€89.90 until June",
        "Peakline Order now",
    ]
    assert [scene["start_s"] for scene in found["scenes"]] == pytest.approx([0, 2.3, 4.9], abs=0.35)
    assert found["end_card"]["start_s"] == found["scenes"][-1]["start_s"]
    assert 2.3 <= found["price_s"] <= 2.8
    assert 4.9 <= found["call_to_action_s"] <= 5.4


@pytest.mark.long
@pytest.mark.parametrize(
    ("fades_in", "fades_out"),
    some_of([(12, 12), (0, 50), (50, 0), (12, 50), (50, 50)], in_the_gate=[(0, 50)]),
)
def test_words_that_stand_for_half_a_second_between_fades_are_read(fades_in: int, fades_out: int) -> None:
    """Not looked at in the middle of a fade, nor after it, when nothing is left of them."""
    without, within = lit("Calm at home", "navy"), lit("Calm at home\nfrom €799", "navy")
    frames = [*[np.asarray(without)] * 75, *faded(without, within, fades_in), *[np.asarray(within)] * 13]
    frames += [*faded(within, without, fades_out), *[np.asarray(without)] * 100]

    found = told(videos.encode(frames), len(frames) / 25)

    assert "€799" in found["text"]
    assert 3.0 <= found["price_s"] <= 3.0 + (fades_in + 13) / 25 + 0.5


def restless(color: tuple[int, int, int], seconds: float, seed: int) -> Iterator[videos.Frame]:
    """Large coloured dots that are elsewhere in each frame."""
    drawn = np.random.default_rng(seed)
    for _ in range(round(seconds * 25)):
        dots = (drawn.random((17, 30)) < 0.4)[..., None] * np.array(color, np.uint8)
        yield np.asarray(Image.fromarray(dots.astype(np.uint8)).resize((480, 270), Image.Resampling.NEAREST))


@pytest.mark.long
def test_a_cut_is_found_though_what_follows_moves_as_much_in_each_frame() -> None:
    frames = [*[np.asarray(lit("Level 7", "white"))] * 50, *restless((0, 90, 60), 2, 1)]

    with video.stream_of(InMemory(videos.encode(frames)), "video/mp4") as stream:
        assert [scene.start for scene in video.cut(stream).scenes] == [0, 2.0]


def test_what_moves_all_the_time_is_no_fade() -> None:
    with video.stream_of(InMemory(videos.encode(videos.moving_square(6))), "video/mp4") as stream:
        assert video.cut(stream).fades == []


def look_at(
    second: float, held_s: float, *words: str, unread: float = 0.0, read: float = 0.1, passing: float = 0.0
) -> Look:
    sight = Sight([block(each) for each in words], 0, unread, read=read, passing=passing)
    return Look(second, sight, Image.new("RGB", (64, 64)), held_s)


def test_words_of_two_cards_that_fade_into_each_other_are_no_words_of_the_ad() -> None:
    shown = [
        look_at(0, 1.2, "Only until Sunday"),
        look_at(1.2, 0.16, "SoOnfy40%unday"),
        look_at(1.36, 2, "Sofas 40 % off"),
    ]

    assert footage.of_looks(footage.lasting(shown))["text"] == "Only until Sunday Sofas 40 % off"


def test_words_that_stay_while_the_picture_moves_are_words_of_the_ad() -> None:
    moving = [look_at(number / 10, 0.1, "Sofas 40 % off", f"{number * 7}x") for number in range(8)]

    assert footage.of_looks(footage.lasting(moving))["text"] == "Sofas 40 % off"


def test_what_is_shown_for_half_a_second_is_read_however_that_is_rounded() -> None:
    cards = [look_at(start, end - start, words) for start, end, words in ((0, 0.9, "Sale"), (0.9, 1.4, "Only today"))]

    assert cards[1].held_s < 0.5
    assert footage.of_looks(footage.lasting(cards))["text"] == "Sale Only today"


def test_an_animation_of_moments_has_the_words_of_all() -> None:
    assert footage.of_looks(footage.lasting([look_at(0, 0.1, "Sale"), look_at(0.1, 0.1, "Now")]))["text"] == "Sale Now"


def test_what_one_look_takes_for_words_and_another_at_the_same_words_does_not_is_no_lack() -> None:
    looks = look_at(0, 1, "Wild is waiting"), look_at(1, 1, "Trail X2", unread=0.5), look_at(2, 1, "Trail X2")

    assert footage.of_looks(looks)["text"] == "Wild is waiting Trail X2"


def test_a_card_that_nobody_can_read_is_a_part_of_all_words() -> None:
    cards = [
        look_at(number, 1, words) for number, words in enumerate(("Your account", "Opened in minutes", "Nordbank"))
    ]
    unsure = Block(tuple(replace(line, score=0.85) for line in block("no fee").lines))
    unread = Look(3, Sight([unsure], 0, 0.1, read=0.05), Image.new("RGB", (64, 64)), 1)

    assert footage.of_looks([*cards, unread])["text"] == "Your account Opened in minutes Nordbank no fee"
    assert footage.of_looks([unread])["text"] is None


def test_what_passes_by_and_looks_like_words_is_a_lack_only_where_nothing_is_read() -> None:
    roofs = look_at(0, 1, read=0, passing=0.6)

    assert footage.of_looks([roofs, look_at(1, 1, "Norra bikes")])["text"] == "Norra bikes"
    assert "has_text" not in footage.of_looks([roofs])


@pytest.mark.parametrize(("moved", "stands"), [(0, 1.0), (30, 0.0)])
def test_of_a_place_that_moved_on_nothing_stands(moved: int, stands: float) -> None:
    dots = np.random.default_rng(5).integers(0, 256, (27, 64, 3), np.uint8)
    wide = Image.fromarray(dots).resize((640, 270), Image.Resampling.BICUBIC)
    one, other = (wide.crop((left, 0, left + 480, 270)) for left in (0, moved))

    assert standing.share([Line("", 40, 60, 440, 110, 0.5)], one, other) == stands
    assert standing.share([], one, other) == 1.0


def test_of_two_readings_of_the_same_words_the_surer_is_kept() -> None:
    def read(text: str, score: float) -> Block:
        return Block(tuple(replace(line, score=score) for line in block(text).lines))

    kept = footage.distinct([read("Runtfurther", 0.96), read("Run further", 1.0)])

    assert [each.text for each in kept] == ["Run further"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hagen Mode", "HagenMode"), ("bis zu 60%", "biszu60%"), ("SALE now", "S A L E now")],
)
def test_of_two_readings_apart_by_spaces_alone_the_one_with_more_words_is_kept(one: str, other: str) -> None:
    surer = Block(tuple(replace(line, score=1.0) for line in block(other).lines))

    assert [each.text for each in footage.distinct([block(one), surer])] == [one]
    assert [each.text for each in footage.distinct([surer, block(one)])] == [one]


@pytest.mark.parametrize("unread", [0.02, 0.5, 0.9])
def test_what_one_of_many_looks_takes_for_words_withholds_no_text(unread: float) -> None:
    """In the middle of a fade the finder took half a picture for a line: `text` of a spot was null by its encoding."""
    said = "Your account", "0 € a month", "Nordbank", "Go"
    cards = [look_at(number, 1, words) for number, words in enumerate(said)]

    assert footage.of_looks([look_at(0, 1, unread=unread, read=0), *cards])["text"]


def panned(words: str, start: float, end: float, seconds: float) -> Iterator[videos.Frame]:
    """A scene over which the camera moves, with words for a while."""
    dots = np.random.default_rng(5).integers(0, 256, (9, 80, 3), np.uint8)
    wide = Image.fromarray(dots).resize((2400, 270), Image.Resampling.BICUBIC)
    for number in range(round(seconds * 25)):
        shown = wide.crop((number * 9, 0, number * 9 + 480, 270))
        if start <= number / 25 < end:
            ImageDraw.Draw(shown).text((150, 110), words, "white", fonts.bold(34), stroke_width=2, stroke_fill="black")
        yield np.asarray(shown)


@pytest.mark.long
@pytest.mark.parametrize(("start", "quality"), some_of([*product([3.4, 4.76], [20, 28, 36])], in_the_gate=[(4.76, 36)]))
def test_words_shown_for_half_a_second_are_read_over_what_moves_whatever_the_encoding(
    start: float, quality: int
) -> None:
    frames = panned("Now 24.90 €", start, start + 0.52, seconds=8.0)

    assert "24.90 €" in (told(videos.encode(frames, quality=quality), 8.0)["text"] or "")


CAPTIONS = "my old bike", "no deposit", "just ride", "nine euros", "try it now"


def captioned(at: int, font: float, *, box: bool, held_s: float) -> Iterator[videos.Frame]:
    """A tall scene over which the camera moves; captions follow each other in one place, each as long as the others."""
    dots = np.random.default_rng(5).integers(0, 256, (16, 40, 3), np.uint8)
    wide = Image.fromarray(dots).resize((900, 640), Image.Resampling.BICUBIC)
    for number in range(round(len(CAPTIONS) * held_s * 25)):
        shown = wide.crop((number * 4, 0, number * 4 + 360, 640))
        drawn, words = ImageDraw.Draw(shown), CAPTIONS[min(len(CAPTIONS) - 1, int(number / 25 / held_s))]
        left = (360 - drawn.textlength(words, fonts.bold(font))) / 2
        if box:
            drawn.rectangle((left - 12, at - 6, 360 - left + 12, at + 1.3 * font), "black")
        drawn.text((left, at), words, "white", fonts.bold(font), stroke_width=0 if box else 2, stroke_fill="black")
        yield np.asarray(shown)


@pytest.mark.parametrize(
    ("box", "font", "held_s"),
    some_of([*product([False, True], [24, 32], [0.52, 0.8])], in_the_gate=[(True, 32, 0.52)]),
)
def test_each_of_the_captions_that_follow_each_other_in_one_place_over_what_moves_is_looked_at(
    box: bool, font: float, held_s: float
) -> None:
    """Where one ends its edges lie on those of the next."""
    with video.stream_of(InMemory(videos.encode(captioned(420, font, box=box, held_s=held_s))), "video/mp4") as stream:
        seconds = video.cut(stream).looks()

    assert {min(len(CAPTIONS) - 1, int(second / held_s)) for second in seconds} == set(range(len(CAPTIONS)))


def slid_in(words: str, seconds: float, takes: float) -> Iterator[videos.Frame]:
    """Words that come in from the left, and stand."""
    for number in range(round(seconds * 25)):
        frame = Image.new("RGB", (480, 270), "navy")
        ImageDraw.Draw(frame).text((min(1.0, number / 25 / takes) * 440 - 320, 90), words, "white", fonts.bold(50))
        yield np.asarray(frame)


@pytest.mark.long
def test_words_are_read_once_they_stand_and_not_as_they_come_in() -> None:
    assert told(videos.encode(slid_in("now £1,299", 2.0, takes=1.0)), 2.0)["text"] == "now £1,299"


def test_where_words_are_found_and_not_read_a_moment_beside_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """As textures do that move: once, in one of the frames."""
    seen, looks = findings.look, count()

    def doubtful_once(picture: Image.Image) -> Sight:
        return replace(seen(picture), unread=0.0 if next(looks) else 0.9)

    monkeypatch.setattr(findings, "look", doubtful_once)

    assert told(videos.encode(card("Hello there", "navy", 1)), 1.0)["text"] == "Hello there"


def test_two_blocks_that_another_look_takes_for_one_are_read_once() -> None:
    apart = [block("-30%"), block("this weekend only")]

    assert [each.text for each in footage.distinct([*apart, block("-30%\nthis weekend only")])] == [
        "-30%",
        "this weekend only",
    ]
    assert len(footage.distinct([*apart, block("-50%\nthis weekend only")])) == 3
    assert len(footage.distinct([block("-30%\nthis weekend only"), *apart])) == 1
