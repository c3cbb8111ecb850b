from __future__ import annotations

from pathlib import Path

import pytest

from qasearch.atomic import new_file


@pytest.mark.parametrize("sync", [False, True])
def test_a_file_appears_whole(tmp_path: Path, sync: bool) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"old")
    with new_file(file, sync=sync) as stream:
        stream.write(b"new")
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["a.bin"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"old")
    with pytest.raises(ValueError, match="half way"), new_file(file) as stream:
        stream.write(b"ne")
        raise ValueError("half way")
    assert file.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.bin"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), new_file(tmp_path / "missing" / "a.bin"):
        pass
