"""What `fetch` needs to know beyond what every function knows: limits, patience, and hosts let through on purpose."""

from functools import cache
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import NoDecode

from functions.fetch.proxy import Proxy, proxy
from shared import urls
from shared.events import Kind
from shared.settings import Settings
from shared.urls import HostPort, WebUrl


class FetchSettings(Settings):
    """Limits of a download. Times are seconds, sizes bytes.

    The defaults fit the function's timeout (540 s) and memory (1 GiB for 32 downloads at a time: each holds at most a
    few spools).
    """

    fetch_allow_hosts: Annotated[
        frozenset[HostPort],
        NoDecode,
        Field(
            examples=["127.0.0.1:8000,media.test:443"],
            description="Comma-separated hosts with ports that are opened although they are not public.",
        ),
    ] = frozenset()
    fetch_proxy: Annotated[
        Proxy | None,
        NoDecode,
        Field(
            examples=["http://proxy.example:3128"],
            description="The proxy that downloads go through; without it they go past all, whatever HTTPS_PROXY says.",
        ),
    ] = None
    max_image_bytes: PositiveInt = 50 * 10**6
    max_video_bytes: PositiveInt = 2 * 10**9
    fetch_spool_bytes: Annotated[
        int,
        Field(
            ge=2**18,
            le=8 * 2**20,
            multiple_of=2**18,
            description="Smaller files go up in one request, larger ones in pieces of this size.",
        ),
    ] = 4 * 2**20
    fetch_connect_timeout_s: PositiveFloat = Field(default=10, description="For DNS, and again for the connection.")
    fetch_silence_timeout_s: PositiveFloat = Field(default=20, description="For the first byte, and between any two.")
    fetch_total_timeout_s: Annotated[
        float, Field(gt=0, le=400, description="For a download with its redirects, within the function's timeout.")
    ] = 300
    fetch_max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    fetch_host_connections: PositiveInt = Field(default=4, description="Downloads from a host at a time, an instance.")
    fetch_host_queue: PositiveInt = Field(
        default=16, description="Downloads that may wait for busy hosts, an instance."
    )
    fetch_host_patience_s: PositiveFloat = Field(default=30, description="How long they wait.")
    fetch_retry_after_s: Annotated[
        float, Field(ge=0, le=60, description="A Retry-After up to this is waited for; longer ones go back to Pub/Sub.")
    ] = 5
    fetch_attempts: PositiveInt = Field(default=7, description="Attempts at a URL that fails by a transient fault.")
    fetch_backoff_s: Annotated[
        float, Field(ge=0, description="Pause after the first of them; it doubles: 7 attempts take about half an hour.")
    ] = 30
    fetch_url_ttl_s: PositiveFloat = Field(default=86_400, description="How long a URL is not downloaded again.")
    fetch_failure_ttl_s: PositiveFloat = Field(default=600, description="How long a refusal of a URL holds.")

    youtube_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=3600,
            examples=[60],
            description="How much of a YouTube video Gemini is shown by its address; 0: none, and such ads fail.",
        ),
    ] = 0

    fetch_lease_s: PositiveFloat = Field(
        default=560,
        description="How long a download counts as under way: longer than the function may run. What a crash left is "
        "taken over after it.",
    )

    @field_validator("fetch_allow_hosts", mode="before")
    @classmethod
    def _read_hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return frozenset(urls.host_port(entry) for entry in value.split(",") if entry.strip())

    @field_validator("fetch_proxy", mode="before")
    @classmethod
    def _read_proxy(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return proxy(value) if value.strip() else None

    def proxy_for(self, url: WebUrl) -> Proxy | None:
        """The proxy that `url` is asked for through: what is let through on purpose may be on this machine."""
        return None if (url.host, url.port) in self.fetch_allow_hosts else self.fetch_proxy

    def max_bytes(self, kind: Kind) -> int:
        """The largest file of a kind."""
        return self.max_image_bytes if kind is Kind.IMAGE else self.max_video_bytes


@cache
def settings() -> FetchSettings:
    """The process's settings."""
    return FetchSettings.load()
