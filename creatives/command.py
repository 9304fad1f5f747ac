"""The `creatives` command as a shell starts it: signals end it in order, and its faults are told in a sentence.

Little is imported before it has begun: Ctrl-C at once is no traceback either.
"""

import os
import signal
import sys
import time
from contextlib import suppress

INTERRUPTED = 128 + signal.SIGINT
CLEARING_UP_S = 120.0
"""So long a command may take to end its servers; what still stands then stands for ever, and the guards end them."""

_STDERR = 2
_PATIENCE_S = 0.2


def main() -> None:
    """Runs the command; ends with 2 where it cannot do what it should."""
    _open_what_is_closed()
    ending = _Ending()
    sys.unraisablehook = ending.forgotten
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, ending.begin)
    code: object = 0
    try:
        _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:
        code = ended.code
    finally:
        ending.finish()
    if ending.is_wanted:
        _exit_at_once(code if isinstance(code, int) else int(code is not None))
    sys.exit(code)  # type: ignore[arg-type]


class _Ending:
    """Ends the command at a signal by an exception, which is raised again where something has swallowed it.

    Python prints and forgets what is raised in a destructor or a weak reference's callback, as each import has one; and
    some packages forget whatever is raised while they look for others. What is being cleared up is not disturbed, but
    not waited for without an end either: what was raised between the taking of a lock and the block that releases it
    (subprocess.Popen.poll has such a place) leaves the lock taken.
    """

    def __init__(self) -> None:
        self._raised: BaseException | None = None
        self._code = 0
        self._last_s = float("inf")
        self._over = False

    def begin(self, number: int, _frame: object = None) -> None:
        """The handler of the signals."""
        self._code = 128 + number
        if self._over:
            os._exit(self._code)
        self._last_s = min(self._last_s, time.monotonic() + CLEARING_UP_S)
        signal.signal(signal.SIGALRM, self._insist)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S, _PATIENCE_S)
        self._raised = KeyboardInterrupt() if number == signal.SIGINT else SystemExit(self._code)
        raise self._raised

    def _insist(self, *_: object) -> None:
        if time.monotonic() > self._last_s:
            os._exit(self._code)
        handled = sys.exception()
        while handled is not None:
            if handled is self._raised:
                return
            handled = handled.__context__
        if self._raised is not None:
            raise self._raised

    def forgotten(self, swallowed: "sys.UnraisableHookArgs") -> None:
        """The hook for what Python forgets: its own fault is told, ours comes once more."""
        if swallowed.exc_value is not self._raised:
            sys.__unraisablehook__(swallowed)

    @property
    def is_wanted(self) -> bool:
        """Whether a signal came."""
        return self._raised is not None

    def finish(self) -> None:
        """All is cleared up: nothing is left that could be swallowed."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._over = True


def _exit_at_once(code: int) -> None:
    """Ends without what Python does at its end: it waits for threads, and nobody who has sent a signal does."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def _open_what_is_closed() -> None:
    """Standard streams that a shell has closed (`>&-`) lead nowhere: the next file opened would take their place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - for as long as the process
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(_STDERR, "w")  # noqa: SIM115


def _compile_once() -> None:
    """Python keeps what it has compiled, also where an image of a machine sets that it does not.

    Else each of the servers compiles all packages again: twice the processor time until `up` is ready.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _run() -> None:
    from local import garbage

    garbage.collect_seldom()
    _compile_once()
    # There is none: looking for one reads what all installed packages say of themselves, here and in every server.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from creatives import faults, terminal
    from creatives.cli import app
    from local import temporary

    try:
        with temporary.for_this_command():
            app()
    except faults.known() as fault:
        terminal.tell(faults.sentence(fault))
        sys.exit(2)


if __name__ == "__main__":
    main()
