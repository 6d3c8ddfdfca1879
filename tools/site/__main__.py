"""`python -m tools.site [FOLDER]`: builds the documentation as a web site, and checks it.

Every warning of Sphinx is an error. So is a dead link, and anything that a page would load from a network.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.pages import ROOT
from tools.site.build import build
from tools.site.check import faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site", metavar="FOLDER")
    folder = parser.parse_args().folder
    try:
        build(folder)
    except RuntimeError as error:
        sys.exit(str(error))
    found = faults(folder)
    if found:
        sys.exit("\n".join(found))
    print(f"open {folder / 'index.html'}")


if __name__ == "__main__":
    main()
