"""The `creatives` command: the verbs of all subjects, in the order of work. What they do lives beside them."""

import os
import re
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, cast, override

import typer
from typer.core import TyperCommand, TyperGroup

from creatives import environment, printable, terminal
from local import google_tools
from shared import log

SUBJECTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Analyse": {
        "analysis": ("demo", "analyze"),
        "page": ("up",),
        "report": ("report",),
        "export": ("export",),
    },
    "Bring in lists and tables": {"imports": ("publish", "import-ads")},
    "Find and ask": {"agents": ("find", "show", "mcp")},
    "What works": {"results": ("results", "works", "fatigue")},
    "Extraction and its cost": {"taxonomy": ("taxonomy",), "extraction": ("estimate", "evaluate", "reextract")},
    "Follow and repair": {"operations": ("status", "failures", "replay"), "doctor": ("doctor",)},
    "Correct, tag and erase": {
        "corrections": ("correct", "review", "split", "merge", "reset"),
        "labels": ("tag",),
        "erasure": ("erase",),
    },
}
"""Under the headings of `--help`, in the order of work: each subject's folder and its verbs. A verb's subject alone is
imported: all of them together take a third longer to start.
"""


class _RichUtils:
    """How typer shows help and usage errors, imported when there is one to show: it is a seventh of a command's start.

    Usage errors repeat arguments, which a shell's * may have made of names of files.
    """

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - typer's
        module: Any = import_module("typer.rich_utils")
        module.Console = printable.Console
        return getattr(module, name)


typer.rich_utils = _RichUtils()  # type: ignore[attr-defined]


class Verbs(TyperGroup):
    """The verbs of all subjects, each imported when it is asked for."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return [verb for subjects in SUBJECTS.values() for verbs in subjects.values() for verb in verbs]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for heading, subjects in SUBJECTS.items():
            for subject, verbs in subjects.items():
                if cmd_name in verbs:
                    return commands(subject, heading)[cmd_name]
        self.commands = cast(Any, dict.fromkeys(self.list_commands(ctx)))  # for "Did you mean"
        return None


_MINUS = re.compile(r"\A-(?!-|[^\W\d_])(?=.)", re.DOTALL)
"""Before what is no letter: so begins no option, but many a word of ads."""


class Verb(TyperCommand):
    """A verb that takes nothing empty, which a shell makes of a variable that is not set, and "-20%" for a word.

    An empty path would be the working folder, and an empty project the local pipeline.
    """

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given, _, named = self.make_parser(ctx).parse_args(args=[_MINUS.sub("", each) for each in args])
        for each in named:
            value = given.get(each.name)
            if "" in (value if isinstance(value, list | tuple) else (value,)) and not ctx.resilient_parsing:
                raise typer.BadParameter(
                    "it is empty; is the variable set that it comes from?", ctx=ctx, param=cast(Any, each)
                )
        ctx.ignore_unknown_options = True  # a mistyped one was refused above
        return super().parse_args(ctx, args)


def commands(subject: str, heading: str) -> Mapping[str, Any]:
    """The commands of a subject by their verbs."""
    made = typer.Typer()
    made.callback()(settings_of_the_folder)  # one command alone would be no group
    for each in import_module(f"creatives.{subject}.commands").COMMANDS:
        made.command(cls=Verb, rich_help_panel=heading)(each)
    return typer.main.get_group(made).commands


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tells what is in image and video ads, finds their duplicates, and accounts for every ad and every cent.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        terminal.write_line(f"creatives {version('creatives')}")
        raise typer.Exit


@app.callback()
def settings_of_the_folder(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tells what is in image and video ads, finds their duplicates, and accounts for every ad and every cent."""
    google_tools.forget_credentials(os.environ)
    context.with_resource(log.told_by(terminal.log_line))
    try:
        taken = environment.read()
    except (OSError, UnicodeDecodeError) as error:
        raise terminal.failed(f"{environment.FILE} cannot be read: {error}") from error
    if taken:
        terminal.say(f"{environment.FILE} is read: {', '.join(taken)}")
