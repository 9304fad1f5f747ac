"""Where `export` writes: a file takes its place once it is whole; what is no file is written into, and stays."""

import os
import stat
import threading
from pathlib import Path

import pytest

from creatives.export import commands


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file.csv", tmp_path / "link.csv"
    file.write_text("old")
    link.symlink_to(file)

    with commands._opened(str(link)) as out:
        out.write(b"new")
        assert file.read_text() == "old"

    assert link.is_symlink()
    assert file.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == [file, link]


def test_a_pipe_stays_and_is_written_into(tmp_path: Path) -> None:
    pipe, said = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: said.append(pipe.read_bytes()))
    reader.start()

    with commands._opened(str(pipe)) as out:
        out.write(b"ads")
    reader.join()

    assert said == [b"ads"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_is_no_place_to_write(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), commands._opened(str(tmp_path)):
        pass
