"""What may go wrong between us and a paid model, but for what its service says of a creative."""

MISCONFIGURED = "the model cannot be used as configured"
"""How a line of the log begins that says so: no creative fails for it, and none gets further before it is mended."""


class MisconfiguredError(Exception):
    """The service refuses what we ask, whatever it is about: nobody's creative is at fault, and nothing is failed."""


class LostReplyError(Exception):
    """A call was sent and brought no whole reply: it may have been paid for, and nobody can find out.

    Attributes:
        begun: whether the beginning of a reply came, so that the request was taken.
    """

    def __init__(self, detail: str, *, begun: bool) -> None:
        super().__init__(detail)
        self.begun = begun


class NoReplyError(Exception):
    """Something else came with a reply's status, and nothing was paid for it: it may pass."""
