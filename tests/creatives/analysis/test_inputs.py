"""What a user's paths and lists are taken for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creatives.analysis import inputs
from creatives.analysis.inputs import File, InputError, UrlAd


def test_a_folder_gives_its_files_but_not_the_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", ".DS_Store", "sub/c.mp4", ".git/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    feed = inputs.collect([tmp_path])

    assert [file.path.name for file in feed.files] == ["a.jpg", "b.jpg", "c.mp4"]


def test_a_file_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")

    feed = inputs.collect([tmp_path, tmp_path / "a.jpg"])

    assert len(feed.files) == 1


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing-here: no such file"):
        inputs.collect([tmp_path / "nothing-here"])


def test_a_text_file_inside_a_folder_is_a_creative_to_be_judged_not_a_list(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("https://example.com/a.jpg\n")

    feed = inputs.collect([tmp_path])

    assert [file.path.name for file in feed.files] == ["plan.txt"]
    assert not feed.urls


def test_a_text_file_without_urls_named_by_the_user_is_a_creative(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("Media plan\nhttps://example.com/a.jpg\n")

    feed = inputs.collect([tmp_path / "plan.txt"])

    assert len(feed.files) == 1


@pytest.mark.parametrize(
    ("name", "text", "ads"),
    [
        (
            "urls.txt",
            "https://a.test/1.png\n\n# old\nhttps://a.test/2.png\n",
            [("https://a.test/1.png", {}), ("https://a.test/2.png", {})],
        ),
        ("ads.csv", "ad_id,url,campaign\n7,https://a.test/1.png,spring\n", [("7", {"campaign": "spring"})]),
        ("ads.csv", "URL\nhttps://a.test/1.png\n", [("https://a.test/1.png", {})]),
        ("ads.ndjson", '{"ad_id": "7", "url": "https://a.test/1.png", "n": 3}\n', [("7", {"n": "3"})]),
        ("gs.txt", "gs://bucket/1.png\n", [("gs://bucket/1.png", {})]),
    ],
)
def test_lists_of_urls(tmp_path: Path, name: str, text: str, ads: list[tuple[str, dict[str, str]]]) -> None:
    (tmp_path / name).write_text(text)

    feed = inputs.collect([tmp_path / name])

    assert [(ad.ad_id, ad.extra) for ad in feed.urls] == ads
    assert not feed.refused


def test_lines_without_a_url_are_refused_with_their_number_and_the_others_count() -> None:
    feed = inputs.parse_list("https://a.test/1.png\nftp://a.test/2.png\nhello\n", name="list.txt")

    assert feed.urls == [UrlAd("https://a.test/1.png", "https://a.test/1.png")]
    assert [line.split(":")[0] for line in feed.refused] == ["list.txt, line 2", "list.txt, line 3"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    feed = inputs.parse_list(text, name="list")

    assert all(ad.url for ad in feed.urls)


@given(st.text(min_size=1, max_size=250).filter(lambda name: "/" not in name and "\0" not in name))
def test_an_object_name_is_short_and_plain_whatever_the_files_name(name: str) -> None:
    object_name = File(Path("/ads") / name).object_name

    assert len(object_name) < 200
    assert object_name.isprintable()
    assert object_name.isascii()


def test_files_of_one_name_in_two_folders_are_two_objects() -> None:
    assert File(Path("/a/x.jpg")).object_name != File(Path("/b/x.jpg")).object_name
