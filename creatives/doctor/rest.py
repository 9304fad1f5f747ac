"""Google's APIs in their REST form, read only: for what the functions have no client of."""

from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True)
class Rest:
    """A session that is signed in."""

    session: requests.Session

    def get(self, url: str, **parameters: Any) -> dict[str, Any] | None:  # noqa: ANN401 - whatever a query string takes
        """The answer; None for what does not exist.

        Raises:
            requests.RequestException: when the API refuses or does not answer.
        """
        return self._read(self.session.get(url, params=parameters, timeout=30))

    def post(self, url: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The same for a method that reads by POST."""
        return self._read(self.session.post(url, json=body, timeout=30))

    def _read(self, response: requests.Response) -> dict[str, Any] | None:
        if response.status_code == requests.codes.not_found:
            return None
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found
