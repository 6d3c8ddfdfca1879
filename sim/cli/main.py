"""The command `sim`: its verbs, one a file. Heavy modules are imported by the verbs that use them."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import backtest, evidence, run, schema, validate

app = typer.Typer(
    name="sim",
    help="Orontes: runs a campaign many times and says how likely each outcome was.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The command line; every message goes to stderr, results alone to stdout."""
    app(prog_name="sim")


def version(asked: bool) -> None:
    if asked:
        import sim

        print(f"orontes {sim.__version__}")
        raise typer.Exit


@app.callback()
def options(
    asked: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What stands before a verb."""


app.command()(run.run)
app.command()(validate.validate)
app.command()(evidence.evidence)
app.command()(backtest.backtest)
app.command()(schema.schema)
