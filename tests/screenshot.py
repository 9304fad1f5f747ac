"""Makes docs/report.png: the report of the samples in a real browser, as the README shows it.

creatives demo --data .creatives
python -m tests.screenshot [--data .creatives]
"""

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from creatives.report import data as report_data
from creatives.report import page
from creatives.report.model import ReportData
from local import reading
from shared import clients
from shared.wiring import ROOT
from tests import browser

SIZE: ViewportSize = {"width": 1320, "height": 1250}
TARGET = ROOT / "docs" / "report.png"


def main() -> None:
    """Reads the data, opens the page, writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".creatives"))
    TARGET.write_bytes(small(taken(read(parser.parse_args().data))))
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")  # noqa: T201 - a command's result


def read(data: Path) -> ReportData:
    """The report of the local dataset in `data`."""
    with reading.tables(data, and_files=True) as name:
        project, _, dataset = name.partition(".")
        tables, objects = clients.bigquery_client(project), clients.storage_client(project)
        return report_data.read(tables, project, dataset, objects, cache=data / "report" / project)


def taken(report: ReportData) -> bytes:
    """A PNG of the page's top, light, a third larger for sharp screens."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page.render(report), encoding="utf-8")
        started = browser.start(playwright)
        if started is None:
            raise SystemExit("no browser: apt-get install chromium-headless-shell")
        context = started.new_context(viewport=SIZE, color_scheme="light", device_scale_factor=1.35)
        shown = context.new_page()
        shown.goto(file.as_uri())
        shown.wait_for_function("[...document.images].every((image) => image.complete)")
        return shown.screenshot()


def small(png: bytes) -> bytes:
    """The same picture in fewer bytes."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
