"""Files that are written as a whole or not at all."""

from __future__ import annotations

import pytest

from sim.scenario.file_paths import write_whole


def test_a_link_stays_and_a_folder_is_refused(tmp_path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "to_folder").symlink_to("kept")
    (tmp_path / "to_file").symlink_to("file")
    for name in ("kept", "to_folder"):
        with pytest.raises(OSError, match=f"{name}'$"):
            write_whole(tmp_path / name, b"new")
    write_whole(tmp_path / "to_file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert all((tmp_path / name).is_symlink() for name in ("to_folder", "to_file"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kept", "to_file", "to_folder"]
