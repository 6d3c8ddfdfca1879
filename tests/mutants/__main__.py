"""`python -m tests.mutants [NAME ...]`: swaps right science for wrong, and says whether a test finds out.

Each mutant is applied in a copy of the project; the working tree is left alone. Ends with 1 unless all are killed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.mutants.mutation import KILLED, check_unchanged, judge, read_mutants


def main() -> int:
    """Tries the mutants, and prints a line for each as soon as it is known."""
    mutants = {mutant.name: mutant for mutant in read_mutants()}
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(mutants)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time (default %(default)s)")
    said = parser.parse_args()
    if unknown := [name for name in said.names if name not in mutants]:
        parser.error(f"there is no mutant {unknown[0]}")
    if said.jobs < 1:
        parser.error("--jobs should be 1 or more")
    chosen = [mutants[name] for name in said.names or mutants]
    began = time.perf_counter()
    if failed := check_unchanged(chosen):
        print(f"without any mutant these tests fail:\n{failed}", file=sys.stderr)
        return 1
    print(f"without any mutant all their tests pass ({time.perf_counter() - began:.0f} s)\n", flush=True)
    killed = 0
    for mutant, fate, seconds, detail in judge(chosen, said.jobs):
        killed += fate == KILLED
        print(f"{fate:<9}{seconds:>5.0f} s  {mutant.name:<31}{mutant.test.removeprefix('tests/')}", flush=True)
        if detail:
            print("  " + detail.replace("\n", "\n  "), flush=True)
    print(f"\n{killed} of {len(chosen)} killed in {time.perf_counter() - began:.0f} s")
    return 0 if killed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
