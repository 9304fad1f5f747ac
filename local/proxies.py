"""The proxies of the environment (HTTP_PROXY and the like): what runs on this machine is never asked for through one.

Google's clients read the environment (requests, gRPC), as httpx and urllib do; so do the servers' own. Where one of the
variables is set, macOS is not asked for its proxies either, which a forked server cannot do (benoitc/gunicorn #2761).
"""

from collections.abc import Mapping

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_ALWAYS = ("no_proxy", "NO_PROXY")
_IF_SET = ("no_grpc_proxy",)  # gRPC reads it instead of the others


def excepted(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that name what no proxy is asked for: as they are in `environment`, and this machine too."""
    usual = next((environment[name] for name in _ALWAYS if environment.get(name)), "")
    names = {name: environment.get(name) or usual for name in _ALWAYS}
    names |= {name: environment[name] for name in _IF_SET if environment.get(name)}
    return {name: _with_loopback(value) for name, value in names.items()}


def _with_loopback(value: str) -> str:
    if value.strip() == "*":  # everything; among others it would mean nothing
        return value
    known = [each.strip() for each in value.split(",") if each.strip()]
    return ",".join([*known, *(each for each in LOOPBACK if each not in known)])
