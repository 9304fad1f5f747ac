"""A banner's zip is read whatever is in it: what is too much, or points elsewhere, goes nowhere."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.render import bundle
from shared.media import banners
from shared.media.sandbox import InMemory
from shared.reasons import Reason, Rejected
from tests.functions.render.banners import banner, locked, page, zipped


def test_the_page_nearest_to_the_top_is_shown_with_its_folders_files() -> None:
    inside: dict[str, bytes | str] = {
        "ads/x/index.html": page("x"),
        "ads/x/img/a.png": b"a",
        "ads/x/y/index.html": page("y"),
        "ads/z.txt": b"",
    }

    found = bundle.unpacked(zipped({**inside, "__MACOSX/._index.html": b"junk"}))

    assert found.page == "index.html"
    assert found.files["img/a.png"] == b"a"
    assert b">x<" in found.files["index.html"]
    assert "z.txt" not in found.files


@pytest.mark.parametrize(
    ("content", "name", "size"),
    [
        (banner("x", (728, 90)), "b.zip", (728, 90)),
        (zipped({"index.html": "<META content='width=160, height=600' name='ad.size'>"}), "b.zip", (160, 600)),
        (banner("x", None), "spring_970x250_v2.zip", (970, 250)),
        (zipped({"320x50/index.html": "x"}), "b.zip", (320, 50)),
        (banner("x", (0, 90)), "b.zip", None),
        (banner("x", None), "b.zip", None),
    ],
)
def test_the_size_is_the_pages_own_or_that_of_a_name(content: bytes, name: str, size: tuple[int, int] | None) -> None:
    assert bundle.unpacked(content, name).size == size


def test_a_path_that_leads_out_of_the_zip_is_left_out() -> None:
    paths = ("../../etc/passwd", "/etc/passwd", "C:\\x", "a/../../b", "..\\..\\c")

    found = bundle.unpacked(zipped({"index.html": page("x"), **dict.fromkeys(paths, b"evil")}))

    assert set(found.files) == {"index.html"}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: banner("x")[:-30], Reason.BROKEN_BANNER),
        (lambda: b"PK\x03\x04" + bytes(200), Reason.BROKEN_BANNER),
        (lambda: zipped({"page.html": "x"}), Reason.BROKEN_BANNER),
        (lambda: locked(banner("x")), Reason.LOCKED_FILE),
        (lambda: banner("x", bomb=bytes(bundle.MOST_BYTES + 1)), Reason.TOO_LARGE),
        (lambda: zipped(dict.fromkeys(["index.html", *map(str, range(bundle.MOST_FILES))], "x")), Reason.TOO_LARGE),
    ],
)
def test_what_is_damaged_locked_or_a_bomb_is_refused(made: Callable[[], bytes], reason: Reason) -> None:
    content = made()

    with pytest.raises(Rejected) as refusal:
        bundle.unpacked(content)

    assert refusal.value.reason is reason


def test_a_file_that_is_longer_than_the_directory_says_is_refused() -> None:
    content = bytearray(banner("x", lie=bytes(100_000)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo("lie").file_size
    for at in (place for place in range(len(content)) if content[place : place + 4] == size.to_bytes(4, "little")):
        content[at : at + 4] = (10).to_bytes(4, "little")

    with pytest.raises(Rejected) as refusal:
        bundle.unpacked(bytes(content))

    assert refusal.value.reason is Reason.BROKEN_BANNER


@pytest.mark.parametrize("above", ["", "spring/", "spring/display/"])
def test_several_banners_in_one_zip_are_none_of_them_and_named(above: str) -> None:
    names = [f"{above}{size}/{file}" for size in ("300x250", "728x90") for file in ("index.html", "shared/index.html")]

    with pytest.raises(Rejected) as refusal:
        bundle.unpacked(zipped(dict.fromkeys(names, b"<h1>20% OFF</h1>")))

    assert refusal.value.reason is Reason.SEVERAL_BANNERS
    assert f"{above}300x250, {above}728x90" in refusal.value.detail


def test_pages_below_the_page_are_its_own() -> None:
    assert (
        bundle.unpacked(zipped({"index.html": b"x", "a/index.html": b"x", "b/index.html": b"x"})).page == "index.html"
    )


def is_banner(content: bytes) -> bool:
    try:
        banners.require_banner(InMemory(content), "it")
    except Rejected:
        return False
    return True


@given(noise=st.binary(max_size=60), at=st.integers(0, 400))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    content = ONE[:at] + noise + ONE[at + len(noise) :]

    is_banner(content)
    try:
        bundle.unpacked(content)
    except Rejected:
        return


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (["index.html"], True),
        (["a/INDEX.HTM", "a/x.js"], True),
        (["a.jpg", "b.png"], False),
        (["../index.html"], False),
        (["[Content_Types].xml", "xl/workbook.xml"], False),
    ],
)
def test_a_banner_is_a_zip_with_a_page(names: list[str], *, is_one: bool) -> None:
    assert is_banner(zipped(dict.fromkeys(names, b"x"))) is is_one


@pytest.mark.parametrize("names", [["a.jpg", "b.png"], ["index.html"]])
@pytest.mark.parametrize("size", [40, 2_000_000])
def test_a_zip_that_was_cut_off_is_broken_whatever_is_in_it(names: list[str], size: int) -> None:
    content = zipped({name: random.Random(7).randbytes(size) for name in names})

    for cut in (content[:-30], content[: len(content) // 2]):
        with pytest.raises(Rejected) as refusal:
            banners.require_banner(InMemory(cut), "it")
        assert refusal.value.reason is Reason.BROKEN_ARCHIVE


ONE = banner("<h1>20% OFF</h1>", extra=b"x" * 50)
