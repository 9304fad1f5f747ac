"""Parts of pages that people write the rest of: made from the code, between two marks, written or only compared."""

import argparse
import difflib
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.tables import marks
from shared.wiring import ROOT


@dataclass(frozen=True)
class Part:
    """A part of a page.

    Attributes:
        page: the file that it stands in.
        name: what its marks say: `<!-- name -->` before it, `<!-- /name -->` behind it; in SQL
            `-- <name>` and `-- </name>`.
        module: what makes it, as Python runs it.
    """

    page: Path
    name: str
    module: str

    @property
    def marks(self) -> tuple[str, str]:
        """What stands before it, and what behind."""
        if self.page.suffix == ".sql":
            return marks.in_sql(self.name)
        return f"<!-- {self.name} -->", f"<!-- /{self.name} -->"

    def inserted(self, text: str, made: str) -> str:
        """The page's text with `made` between the marks.

        Raises:
            ValueError: when a mark is missing.
        """
        try:
            return marks.between(self.marks, text, made)
        except ValueError as error:
            raise ValueError(f"{self.page.name} {error}, between which {self.module} writes") from error

    def difference(self, made: str) -> str:
        """A unified diff from the page to what it should be; empty where it is up to date."""
        before = self.page.read_text(encoding="utf-8")
        after = self.inserted(before, made)
        name = self.page.relative_to(ROOT).as_posix()
        return "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, self.module))

    def write(self, made: str) -> None:
        """Puts it into the page."""
        text = self.page.read_text(encoding="utf-8")
        self.page.write_text(self.inserted(text, made), encoding="utf-8")

    def run(self, made: str, about: str | None) -> None:
        """What `python -m` does: writes the part, or with `--check` exits 1 where it is out of date."""
        parser = argparse.ArgumentParser(prog=f"python -m {self.module}", description=about)
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where it is out of date")
        if not parser.parse_args().check:
            self.write(made)
        elif found := self.difference(made):
            sys.exit(f"{found}\n{self.page.name} is out of date: run `python -m {self.module}`.")
