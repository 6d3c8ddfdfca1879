"""The command `sim`: its verbs, one a file. Heavy modules are imported by the verbs that use them."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sim.cli import (
    backtest,
    calibrate,
    compare,
    discover,
    edit,
    evidence,
    export,
    importing,
    new,
    play,
    replay,
    report,
    results,
    run,
    schema,
    sensitivity,
    situation,
    story,
    sweep,
    validate,
)
from sim.cli.messages import SIGNALLED, cannot_go_on, obey_signals, prepare_streams, show


class Verb(TyperCommand):
    """A verb whose options stand once each, unless they are repeatable: the first of two would be lost in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            *_, given = self.make_parser(ctx).parse_args(args=list(args))
            for option, count in Counter(given).items():
                single = not (getattr(option, "multiple", True) or getattr(option, "is_flag", False))
                if count > 1 and single:
                    ctx.fail(f"{option.opts[-1]} is given {count} times, but takes one value")
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="sim",
    help="Orontes: runs a campaign many times and says how likely each outcome was.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The command line; every message goes to stderr, results alone to stdout."""
    prepare_streams()
    obey_signals()
    try:
        app(prog_name="sim")
    except KeyboardInterrupt as stopped:
        sys.exit(SIGNALLED + getattr(stopped, "signal", signal.SIGINT))
    except OSError as error:
        # Help and version too are written to a disk that may be full.
        sys.exit(cannot_go_on(error))
    finally:
        show(())


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


for verb in (
    run.run,
    play.play,
    compare.compare,
    sweep.sweep,
    sensitivity.sensitivity,
    discover.discover,
    new.new,
    edit.edit,
    calibrate.calibrate,
    validate.validate,
    export.export,
    evidence.evidence,
    backtest.backtest,
    story.story,
    story.explain,
    story.diff,
    replay.replay,
    report.report,
    schema.schema,
):
    app.command(cls=Verb)(verb)
app.command("map", cls=Verb)(situation.situation)
app.command("import", cls=Verb)(importing.tables)
app.command("import-roads", cls=Verb)(importing.roads)
app.command("import-control", cls=Verb)(importing.control)
app.add_typer(results.results)
