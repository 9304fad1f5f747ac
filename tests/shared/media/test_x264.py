"""Whoever encodes with x264 gets the same of the same."""

import pytest

from shared.wiring import ROOT

ENCODING = sorted(
    file.relative_to(ROOT).as_posix()
    for room in ("functions", "shared", "creatives", "local")
    for file in (ROOT / room).rglob("*.py")
    if '"libx264"' in file.read_text()
)


@pytest.mark.parametrize("file", ENCODING)
def test_who_encodes_asks_for_nothing_that_hangs_on_what_memory_held(file: str) -> None:
    text = (ROOT / file).read_text()

    assert "x264.SAME_EACH_TIME" in text or '"qp"' in text


def test_films_and_banners_are_encoded() -> None:
    assert ENCODING == ["functions/dedup/films/coarse.py", "functions/render/viewing.py", "shared/media/films.py"]
