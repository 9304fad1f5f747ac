"""Videos on YouTube: one address and one creative, however somebody wrote it down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import urls, youtube

WRITTEN = [
    "https://www.youtube.com/watch?v={id}",
    "http://youtube.com/watch?v={id}&t=42s",
    "https://m.youtube.com/watch?app=desktop&v={id}&list=PL0123456789",
    "https://music.youtube.com/watch?v={id}",
    "https://youtu.be/{id}?si=abcdefgh",
    "https://www.youtube.com/shorts/{id}",
    "https://youtube.com/live/{id}?feature=share",
    "https://www.youtube.com/embed/{id}?autoplay=1",
    "https://www.youtube-nocookie.com/embed/{id}",
    "https://www.youtube.com/v/{id}",
    "HTTPS://WWW.YOUTUBE.COM/watch?v={id}#t=3",
    "www.youtube.com/watch?v={id}",
]
IDS = st.text("ABCXYZabcxyz019_-", min_size=11, max_size=11)


@given(written=st.sampled_from(WRITTEN), named=IDS)
def test_every_way_of_writing_it_is_the_one_address(written: str, named: str) -> None:
    address = youtube.address_of(urls.repaired(written.format(id=named)))

    assert address == f"https://www.youtube.com/watch?v={named}"
    assert youtube.is_address(address)


@given(st.lists(IDS, min_size=2, max_size=5, unique=True))
def test_other_videos_are_other_creatives(named: list[str]) -> None:
    ids = {youtube.creative_id(f"https://www.youtube.com/watch?v={each}") for each in named}

    assert len(ids) == len(named)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/@brand",
        "https://www.youtube.com/playlist?list=PL0123456789a",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=twelve_chars",
        "https://www.youtube.com/watch?v=../../../etc",
        "https://www.youtube.com/embed/videoseries?list=PL0123456789a",
        "https://youtu.be/",
        "https://youtube.com.evil.example/watch?v=abcdefghijk",
        "https://evil.example/https://youtu.be/abcdefghijk",
        "https://youtu.be@evil.example/abcdefghijk",
        "https://notyoutube.com/watch?v=abcdefghijk",
        "gs://youtube.com/watch?v=abcdefghijk",
        "https://[youtube/watch?v=abcdefghijk",
    ],
)
def test_what_is_no_video_has_no_address(url: str) -> None:
    assert youtube.address_of(url) is None


@given(st.text())
def test_whatever_is_written_there_it_is_an_address_or_none(text: str) -> None:
    address = youtube.address_of(text)

    assert address is None or len(address) == len("https://www.youtube.com/watch?v=") + 11
