"""Who uses a pipeline that runs already is told where it would not do what he asks for."""

from pathlib import Path

import pytest

from functions.extract.settings import ExtractSettings
from functions.import_ads.settings import ImportSettings
from local import chosen
from local.chosen import Options
from shared.settings import SettingsError

NONE = Options()
PLACE = {
    "GOOGLE_CLOUD_PROJECT": "local",
    "CREATIVES_BUCKET": "local-creatives",
    "RESULTS_BUCKET": "local-results",
    "STAGING_BUCKET": "local-staging",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that asks for nothing."""
    for name in ExtractSettings.model_fields | ImportSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in PLACE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def started(data: Path, environment: pytest.MonkeyPatch, options: Options = NONE, **variables: str) -> None:
    """A pipeline runs on the folder, started in another terminal with these variables."""
    with environment.context() as there:
        for name, value in variables.items():
            there.setenv(name, value)
        chosen.keep(data, options)


def test_who_asks_for_nothing_uses_what_runs(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    started(tmp_path, environment, GEMINI_API_KEY="key", GEMINI_MODEL="gemini-3.8-flash", DAILY_BUDGET_USD="5")

    chosen.require_same(tmp_path, Options(), PLACE)

    assert chosen.variables(tmp_path).items() >= {
        ("EXTRACTOR", "gemini"),
        ("GEMINI_MODEL", "gemini-3.8-flash"),
        ("DAILY_BUDGET_USD", "5"),
    }
    assert "key" not in (tmp_path / "chosen.json").read_text().split('"')


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (Options("offline"), {}),
        (Options("gemini"), {"GEMINI_API_KEY": "key"}),
        (Options(pubsub="own"), {}),
        (Options(disorder="7"), {}),
        (Options(), {"DAILY_BUDGET_USD": "5.00", "FEATURES": "shared.features:ImageFeatures"}),
        (Options(), {"RAW_ADS_URL_COLUMNS": "url, still"}),
    ],
)
def test_who_asks_for_the_same_is_served(
    tmp_path: Path, environment: pytest.MonkeyPatch, options: Options, variables: dict[str, str]
) -> None:
    started(tmp_path, environment, options, **variables)
    for name, value in variables.items():
        environment.setenv(name, value)

    chosen.require_same(tmp_path, options, PLACE)


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        (Options("gemini"), {"GEMINI_API_KEY": "key"}, "EXTRACTOR is offline there and gemini here"),
        (Options(), {"GEMINI_API_KEY": "key"}, "EXTRACTOR is offline there and gemini here"),
        (Options(pubsub="official"), {}, "PUBSUB is auto there and official here"),
        (Options(disorder="7"), {}, "DISORDER is not set there and 7 here"),
        (Options(), {"DAILY_BUDGET_USD": "5"}, "DAILY_BUDGET_USD is not set there and 5 here"),
        (Options(), {"MEDIA_RESOLUTION": "low"}, "MEDIA_RESOLUTION is medium there and low here"),
        (Options(), {"RAW_ADS_URL_COLUMNS": "still"}, "RAW_ADS_URL_COLUMNS is url,video_url there and still here"),
        (Options("clairvoyant"), {}, "EXTRACTOR: Input should be"),
    ],
)
def test_who_asks_for_something_else_is_told(
    tmp_path: Path, environment: pytest.MonkeyPatch, options: Options, variables: dict[str, str], said: str
) -> None:
    started(tmp_path, environment)
    for name, value in variables.items():
        environment.setenv(name, value)

    with pytest.raises(SettingsError, match=said):
        chosen.require_same(tmp_path, options, PLACE)


def test_whoever_wants_nothing_paid_is_told_of_a_pipeline_that_pays(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    started(tmp_path, environment, GEMINI_API_KEY="key")

    with pytest.raises(SettingsError, match="EXTRACTOR is gemini there and offline here"):
        chosen.require_same(tmp_path, Options("offline"), PLACE)


def test_a_pipeline_of_an_earlier_version_is_used_as_it_is(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GEMINI_API_KEY", "key")

    chosen.require_same(tmp_path, Options(), PLACE)

    assert chosen.variables(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FETCH_ALLOW_HOSTS", "127.0.0.1"),
        ("SETTLE_USD_A_DAY", "much"),
        ("DAILY_BUDGET_USD", "-"),
        ("YOUTUBE_SECONDS", "a minute"),
        ("PROBE_MIB", "64 MiB"),
        ("FETCH_PROXY", "proxy"),
    ],
)
def test_what_a_stage_would_refuse_is_refused_before_anything_starts(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv("INDEX_BUCKET", "local-index")
    chosen.require_usable()
    environment.setenv(name, value)

    with pytest.raises(SettingsError, match=name):
        chosen.require_usable()
