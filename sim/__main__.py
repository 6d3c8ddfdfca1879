"""`python -m sim` is the command `sim`."""

from sim.cli.main import main

main()
