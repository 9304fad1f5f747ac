"""Files that are written again: a failure leaves them as they were, and nothing beside them."""

from pathlib import Path

import pytest

from creatives import replaced


def test_what_was_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"

    for content in (b"one", b"another"):
        with replaced.whole(file) as new:
            new.write(content)

    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == {file: b"another"}


def test_what_could_not_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_bytes(b"whole")

    with pytest.raises(OSError, match="no room"):
        half_written(file)

    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == {file: b"whole"}


def half_written(file: Path) -> None:
    with replaced.whole(file) as new:
        new.write(b"a pa")
        raise OSError("no room")
