"""What commands write to the terminal: words of strangers are shown there, and the terminal obeys none of them."""

import ast
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console as RichConsole
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from creatives import printable, terminal
from creatives.analysis import rendering
from creatives.analysis.results import AdResult, Status
from creatives.cli import SUBJECTS, app
from creatives.operations import commands as operations
from creatives.operations.failures import Failed
from creatives.operations.replay import Left, Plan
from shared.wiring import ROOT

# What some terminal obeys, or cannot be sent, but for new lines.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
STYLES = re.compile(r"\x1b\[[0-9;]*m")  # rich's own
EVIL = "\x1b]0;title\x07\x1b[2J\x1b[H\x9b31m\u202egnp.exe\u2066\u2028\x7f\x00\r\x08\ud83d"
strange = st.text(st.one_of(st.characters(), st.sampled_from(EVIL)), max_size=40)


def obeyed(written: str) -> list[str]:
    return OBEYED.findall(STYLES.sub("", written))


def ad(text: str, status: Status) -> AdResult:
    features = {"text": text, "promotion_text": {"value": text}, "call_to_action": text, "dominant_colors": [text]}
    features |= {"language": text, "price_text": {"value": text}}
    return AdResult(
        ad_id=f"ad {text} {status}",
        source=text,
        status=status,
        reason=text,
        features=features,
        waiting_stage=text,
        aspect_ratio=text,
        width=1,
        height=1,
        creative_id="c",
        canonical_id="c",
    )


def failed(text: str) -> Failed:
    fields = dict.fromkeys(("ad_id", "source", "detail", "uri", "batch_id", "event_id", "message_id"), text)
    return Failed.model_validate({**fields, "stage": "fetch", "reason": "not_found", "failed_at": None})


def whole(text: str) -> str:
    """The text without halves of characters, which pydantic writes in no JSON."""
    return text.encode(errors="replace").decode()


def in_pieces(text: str) -> None:
    file = terminal.standard_output()
    for byte in whole(text).encode():
        file.write(bytes([byte]))


RENDERERS: dict[str, Callable[[str], object]] = {
    "the table of ads": lambda text: rendering.show(
        terminal.output(), [ad(text, status) for status in Status], with_stages=True
    ),
    "JSON of ads": lambda text: terminal.write_json(ad(whole(text), Status.FAILED).model_dump_json()),
    "a failure": lambda text: terminal.write_line(operations._line(failed(text))),
    "a plan": lambda text: operations._show_plan(Plan((), (Left(failed(text), text),)), planned=True),
    "a fault": terminal.failed,
    "progress": terminal.say,
    "a path": terminal.write_line,
    "a file": lambda text: terminal.standard_output().write(text.encode(errors="surrogatepass")),
    "a file in pieces": in_pieces,
}


@example(EVIL)
@given(strange)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_no_renderer_sends_the_terminal_orders_of_strangers(renderer: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written = io.StringIO()
        written.isatty = lambda: True  # type: ignore[method-assign]
        patch.setattr("sys.stdout", written)
        patch.setattr(terminal, "messages", printable.Console(file=written, force_terminal=True))

        RENDERERS[renderer](text)

    assert obeyed(written.getvalue()) == []


@settings(deadline=None)
@example(EVIL)
@given(strange)
def test_the_console_shows_words_and_its_own_styles(text: str) -> None:
    written = io.StringIO()
    console = printable.Console(file=written, force_terminal=True, width=80)
    shown = Table("a", title=Text(text))
    shown.add_row(Text(text), style="bold red")

    console.print(shown)
    console.print(text, markup=False, highlight=False, soft_wrap=True, style="green")

    assert obeyed(written.getvalue()) == []
    assert "\x1b[" in written.getvalue()


@given(st.recursive(strange, lambda inner: st.lists(inner) | st.dictionaries(strange, inner), max_leaves=8))
def test_json_says_the_same_without_any(content: object) -> None:
    written = printable.as_json(json.dumps(content, ensure_ascii=False))

    assert json.loads(written) == json.loads(json.dumps(content))
    assert obeyed(written) == []


def test_words_that_nothing_obeys_are_left_alone() -> None:
    assert printable.line("50 % auf ñandú, 宣伝 👩‍👩‍👧 ₹5") == "50 % auf ñandú, 宣伝 👩‍👩‍👧 ₹5"


VERBS = [verb for subjects in SUBJECTS.values() for verbs in subjects.values() for verb in verbs]


@pytest.mark.parametrize("verb", VERBS)
def test_no_command_repeats_what_it_was_given_as_it_is(verb: str, tmp_path: Path) -> None:
    hostile = EVIL.replace("\x00", "").replace("\ud83d", "")

    done = CliRunner().invoke(app, [verb, hostile, "--data", str(tmp_path / hostile), f"--{hostile}"])

    assert done.exit_code == 2
    assert obeyed(done.output) == []


def calls(path: Path) -> list[str]:
    """What a module calls, and takes of other things, by name."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return called + [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)]


def test_commands_write_to_the_terminal_by_these_ways_only() -> None:
    ways = {
        "print",
        "typer.echo",
        "click.echo",
        "typer.secho",
        "sys.stdout.write",
        "sys.stdout.buffer",
        "rich.print",
        "RichConsole",
    }
    allowed = {ROOT / "creatives" / "terminal.py", ROOT / "creatives" / "printable.py"}

    found = {
        str(path.relative_to(ROOT)): used
        for path in (ROOT / "creatives").rglob("*.py")
        if path not in allowed and (used := ways & set(calls(path)))
    }
    imported = [
        str(path)
        for path in (ROOT / "creatives").rglob("*.py")
        if path not in allowed and re.search(r"\bConsole\(", path.read_text())
    ]

    assert found == {}
    assert imported == []
    assert issubclass(printable.Console, RichConsole)
    assert isinstance(terminal.output(), printable.Console)
