"""How the command ends: by a signal; and outputs that are closed, or lack letters, or should not obey a name."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import sim.cli.main as command
from sim.cli.messages import prepare_streams, say, show

ROOT = pathlib.Path(__file__).parents[2]
CROSSROADS = ROOT / "scenarios/crossroads.yaml"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_keeps_what_is_done_and_gives_its_exit_code(tmp_path, start_process, number: int) -> None:
    words = ["run", str(CROSSROADS), "-n", "200000", "-q", "--results", str(tmp_path), "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = start_process([sys.executable, "-m", "sim", *words], stderr=subprocess.PIPE, env=environment)
    deadline = time.monotonic() + 300
    while not any(file.stat().st_size for file in tmp_path.rglob("rows.bin")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 128 + number
    assert "interrupted after" in said and "the same command goes on from there" in said and "Traceback" not in said
    assert list(tmp_path.rglob("runs.parquet")) and list(tmp_path.rglob("checkpoint.npz"))


def test_letters_that_an_encoding_lacks_and_streams_that_are_closed(tmp_path, monkeypatch) -> None:
    with open(tmp_path / "out", "w", encoding="ascii") as narrow:
        monkeypatch.setattr(sys, "stdout", narrow)
        monkeypatch.setattr(sys, "stderr", None)
        prepare_streams()
        show(["Šumava \x1b[31m red \u202e"])
        say("nobody hears")
    assert (tmp_path / "out").read_text() == "\\u0160umava \\x1b[31m red \\u202e\n"


def test_a_disk_that_is_full_is_one_message_for_help_too(monkeypatch, capsys) -> None:
    def full(**_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(command, "app", full)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "cannot go on: output: No space left on device\n"


WRITERS = [
    (("compare", "S", "--plot"), "x.docx"),
    (("sensitivity", "S", "--plot"), "x.docx"),
    (("calibrate", "S", "--plot"), "x"),
    (("backtest", "S", "O", "--plot"), "x.html"),
    (("map", "S", "-o"), "x.docx"),
    (("replay", "S", "-o"), "x.pdf"),
    (("report", "S", "-o"), "x.docx"),
]


@pytest.mark.parametrize(("words", "file"), WRITERS, ids=[words[0] for words, _ in WRITERS])
def test_a_file_that_cannot_be_written_so_is_refused_before_anything_runs(tmp_path, words, file) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "folder.html").mkdir()
    folder = "folder.html" if words[0] in ("replay", "report") else "folder.png"
    for name, said in ((file, "should end in"), (folder, "is a folder")):
        done = CliRunner().invoke(command.app, [*words, str(tmp_path / name)])
        assert done.exit_code == 2 and said in " ".join(done.output.split()), done.output
