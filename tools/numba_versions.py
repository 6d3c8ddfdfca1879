"""Run the test suite with each supported version of Numba that is not the installed one: `make numba-versions`.

Each gets an environment of its own in `.venv/numba-VERSION`, with all other packages as they are pinned.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ROOT / ".ci" / "numba-versions.txt"
REQUIREMENTS = ROOT / ".ci" / "requirements-dev.txt"


def supported() -> list[dict[str, str]]:
    """The tested versions of Numba and of its llvmlite, oldest first."""
    lines = [line.split() for line in VERSIONS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [dict(pin.split("==") for pin in pins) for pins in lines if pins]


def requirements(pins: dict[str, str]) -> list[str]:
    """All packages that the suite needs, as they are pinned, with other versions of some."""
    others = [line for line in pinned(REQUIREMENTS) if line.partition("==")[0] not in pins]
    return others + [f"{name}=={pin}" for name, pin in pins.items()]


def pinned(path: Path) -> list[str]:
    """The pinned packages of a file, and of the files that it includes, each once."""
    found: list[str] = []
    for line in map(str.strip, path.read_text("utf-8").splitlines()):
        if line.startswith("-r "):
            found += pinned(path.parent / line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            found.append(line)
    return list(dict.fromkeys(found))


def environment(pins: dict[str, str]) -> Path:
    """The interpreter of an environment with these packages; made if it is not there."""
    folder = ROOT / ".venv" / f"numba-{pins['numba']}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / "done"
    if not done.exists():
        print(f"Setting up {folder.relative_to(ROOT)} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *requirements(pins)], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
        done.touch()
    return python


def main() -> None:
    arguments = sys.argv[1:]
    for pins in supported():
        if pins["numba"] == version("numba"):
            continue
        python = environment(pins)
        print(f"The test suite with numba {pins['numba']}:", flush=True)
        ran = subprocess.run([str(python), "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False)
        if ran.returncode:
            sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
