"""The folder for compiled rules: whose it is, what is trusted in it, and what is never touched."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from sim.kernel import cache

NEW = "0123456789abcdef0123"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's folders: no cache of ours yet, and a temporary folder of his own."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    for name in ("ORONTES_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return home


def in_temporary_place(tmp_path: Path) -> Path:
    return next((tmp_path / "tmp").iterdir())


def make_entry(root: Path, function: str = "orders", digest: str = NEW, age: float = 0.0) -> Path:
    made = cache.begin_entry(root)
    (made / "numba").mkdir()
    (made / "numba" / "code.nbc").write_bytes(random.Random(digest).randbytes(3000))
    (made / "numba" / "index.nbi").write_bytes(b"index")
    entry = root / f"{function}-{digest}"
    cache.finish_entry(made, entry)
    os.utime(entry, (time.time() - age,) * 2)
    return entry


def test_the_folder_is_the_users_alone(home):
    root, wrong = cache.folder()
    assert (root, wrong) == (home / ".cache" / "orontes" / "compiled-rules", "")
    assert root.stat().st_mode & 0o777 == 0o700
    assert cache.folder() == (root, "")


@pytest.mark.parametrize("setting", ["ORONTES_CACHE", "XDG_CACHE_HOME"])
def test_the_folder_can_be_chosen(home, tmp_path, monkeypatch, setting):
    monkeypatch.setenv(setting, str(tmp_path / "chosen"))
    root, wrong = cache.folder()
    assert root is not None and root.is_relative_to(tmp_path / "chosen") and not wrong


def test_without_a_home_nothing_is_made_in_the_current_folder(home, tmp_path, monkeypatch):
    """A relative XDG_CACHE_HOME does not count, as its specification says."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    root, wrong = cache.folder()
    assert root == in_temporary_place(tmp_path)
    assert wrong == "there is no home folder"
    assert not list(here.iterdir())


def as_link(root: Path) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    root.symlink_to(elsewhere)


def as_file(root: Path) -> None:
    root.write_text("not a folder")


def as_open_folder(root: Path) -> None:
    root.mkdir()
    root.chmod(0o777)


def as_folder_of_other_files(root: Path) -> None:
    root.mkdir(mode=0o700)
    (root / "letters").mkdir()


def as_folder_of_another_user(root: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid():
        pytest.skip("only root can give a folder away")
    root.mkdir(mode=0o700)
    os.chown(root, 12345, 12345)


def below_an_open_folder(root: Path) -> None:
    root.mkdir(mode=0o700)
    root.parent.chmod(0o777)


def below_a_folder_of_another_user(root: Path) -> None:
    as_folder_of_another_user(root)
    os.chown(root, 0, 0)
    os.chown(root.parent, 12345, 12345)


PLANTED = [
    as_link,
    as_file,
    as_open_folder,
    as_folder_of_other_files,
    as_folder_of_another_user,
    below_an_open_folder,
    below_a_folder_of_another_user,
]


@pytest.mark.parametrize("plant", PLANTED)
def test_a_folder_that_others_may_have_filled_is_not_used(home, tmp_path, plant):
    usual = home / ".cache" / "orontes" / "compiled-rules"
    usual.parent.mkdir(parents=True)
    plant(usual)
    before = sorted(home.rglob("*"))
    root, wrong = cache.folder()
    assert root == in_temporary_place(tmp_path)
    assert str(home) in wrong
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("plant", PLANTED[:5])
def test_nor_is_one_at_the_place_that_can_be_guessed(home, tmp_path, monkeypatch, plant):
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    place = tmp_path / "tmp" / f"orontes-compiled-rules-{os.getuid()}"
    plant(place)
    before = sorted(tmp_path.rglob("*"))
    root, wrong = cache.folder()
    assert root is None
    assert str(place) in wrong
    assert sorted(tmp_path.rglob("*")) == before


def test_where_nothing_can_be_written_there_is_no_folder(home, monkeypatch):
    def refuse(*arguments, **named):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "mkdir", refuse)
    root, wrong = cache.folder()
    assert root is None
    assert "Read-only file system" in wrong


def test_one_that_cannot_be_written_is_left_for_another(home, tmp_path, monkeypatch):
    usual, _ = cache.folder()
    real = tempfile.TemporaryFile

    def full(dir=None, **named):
        if dir == usual:
            raise OSError(28, "No space left on device", str(dir))
        return real(dir=dir, **named)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    root, wrong = cache.folder()
    assert root == in_temporary_place(tmp_path)
    assert "No space left on device" in wrong


# --- entries ---------------------------------------------------------------------------------------------------------


def test_any_changed_bit_of_an_entry_is_seen(home):
    root, _ = cache.folder()
    entry = make_entry(root)
    assert cache.is_sound(entry)
    chance = random.Random(1)
    files = [path for path in entry.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        whole = path.read_bytes()
        for _ in range(40):
            at = chance.randrange(8 * len(whole))
            flipped = bytearray(whole)
            flipped[at // 8] ^= 1 << at % 8
            path.write_bytes(flipped)
            assert not cache.is_sound(entry), (path.name, at)
            path.write_bytes(whole[: chance.randrange(len(whole))])
            assert not cache.is_sound(entry)
        path.unlink()
        assert not cache.is_sound(entry)
        path.write_bytes(whole)
        assert cache.is_sound(entry)


def test_what_is_added_to_an_entry_is_seen(home, tmp_path):
    root, _ = cache.folder()
    entry = make_entry(root)
    more = entry / "numba" / "more.nbc"
    more.write_bytes(b"")
    assert not cache.is_sound(entry)
    more.unlink()
    code = entry / "numba" / "code.nbc"
    (tmp_path / "same").write_bytes(code.read_bytes())
    code.unlink()
    code.symlink_to(tmp_path / "same")
    assert not cache.is_sound(entry)


def test_of_two_processes_that_make_an_entry_the_first_stands(home):
    root, _ = cache.folder()
    entry = make_entry(root)
    before = entry.stat().st_ino
    assert make_entry(root) == entry
    assert entry.stat().st_ino == before and cache.is_sound(entry)
    assert [path.name for path in root.iterdir() if path.is_dir()] == [entry.name]


def test_a_damaged_entry_is_replaced(home):
    root, _ = cache.folder()
    entry = make_entry(root)
    (entry / "numba" / "code.nbc").write_bytes(b"")
    cache.discard(entry)
    assert not entry.exists()
    assert cache.is_sound(make_entry(root))


def test_only_old_entries_of_ours_are_pruned(home, tmp_path):
    root, _ = cache.folder()
    entries = [make_entry(root, digest=f"{i:020x}", age=100.0 * i) for i in range(6)]
    other = make_entry(root, "combat", age=10**6)
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / cache.CHECKSUMS).write_text("{}")
    (root / f"orders-{'f' * 20}").symlink_to(treasure)
    kept = ["letters", f"orders-{'e' * 20}", "unfinished-now"]
    for name in kept:
        (root / name).mkdir()
    left = root / "unfinished-then"
    left.mkdir()
    os.utime(left, (0, 0))
    cache.prune(root)
    assert [entry.exists() for entry in entries] == [True] * cache.KEPT + [False] * (6 - cache.KEPT)
    assert other.exists() and not left.exists()
    assert all((root / name).exists() for name in kept)
    assert (treasure / cache.CHECKSUMS).exists()
    (root / cache.MARK).unlink()
    shutil.rmtree(other)
    cache.prune(root)
    assert sum(entry.exists() for entry in entries) == cache.KEPT


def test_an_entry_that_is_used_is_kept_longest(home):
    root, _ = cache.folder()
    entries = [make_entry(root, digest=f"{i:020x}", age=100.0 * i) for i in range(6)]
    cache.note_used(entries[5])
    cache.prune(root)
    assert [entry.exists() for entry in entries] == [True, True, False, False, False, True]
