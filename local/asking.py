"""Asks servers of this machine by HTTP, whatever proxy is set for others."""

import httpx2


def client(timeout_s: float) -> httpx2.Client:
    """A client that gives up after so many seconds.

    None of the servers is encrypted: the certificates that a client reads otherwise take 50 ms, a command's start asks
    five times and more.
    """
    return httpx2.Client(timeout=timeout_s, trust_env=False, verify=False)
