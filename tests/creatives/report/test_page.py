"""The file: one page that holds its data safely, and allows nothing that is not in it."""

import base64
import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creatives.report import page
from creatives.report.model import ReportData
from tests import reports


def data_in(html: str) -> ReportData:
    found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    return ReportData.model_validate_json(found[0])


def policy_of(html: str) -> dict[str, str]:
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert content
    return dict(part.split(" ", 1) for part in content[1].split("; "))


def sha256(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@given(name=st.text(min_size=1), text=st.text())
def test_any_text_comes_back_from_the_page_and_none_ends_its_script(name: str, text: str) -> None:
    data = reports.report([reports.creative(1, name=name, features={"text": text})])

    html = page.render(data)

    assert data_in(html).creatives[0].name == name
    assert data_in(html).creatives[0].features == {"text": text}


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028\u2029", "]]>", "{{script}}"]
)
def test_a_text_that_would_end_the_script_is_data(text: str) -> None:
    html = page.render(reports.report([reports.creative(1, name=text)]))

    assert html.count("</script>") == 2
    assert html.count("<!--") == 0
    assert data_in(html).creatives[0].name == text


def test_the_policy_allows_the_scripts_and_styles_of_the_page_and_no_others() -> None:
    html = page.render(reports.report())

    script = re.search(r'<script type="module">(.*?)</script>', html, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert script
    assert style
    policy = policy_of(html)
    assert policy["script-src"] == sha256(script[1])
    assert policy["style-src"] == sha256(style[1])
    assert policy["default-src"] == policy["connect-src"] == "'none'"


def test_only_the_live_page_may_connect_and_only_to_its_own_server() -> None:
    html = page.render(reports.report(), live=True)

    assert policy_of(html)["connect-src"] == "'self'"
    assert 'data-mode="live"' in html


def test_the_page_refers_to_nothing_outside_itself() -> None:
    html = page.render(reports.report())

    assert re.findall(r'(?:src|href)="(?!data:,")[^"]*"', html) == []
    assert "@import" not in html
    assert "url(" not in html


def test_the_polled_json_is_the_data_of_the_page() -> None:
    data = reports.report([reports.creative(1)])

    polled = page.as_json(data)

    assert json.loads(polled) == json.loads(page.as_json(data_in(page.render(data))))
    assert "null" not in polled
