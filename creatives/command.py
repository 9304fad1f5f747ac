"""The `creatives` command as a shell starts it: signals end it in order, and its faults are told in a sentence.

Little is imported before it has begun: Ctrl-C at once is no traceback either.
"""

import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
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
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        ending.finish()


class _Ending:
    """Ends the command at a signal by an exception, which is raised again where something has swallowed it.

    Python prints and forgets what is raised in a destructor or a weak reference's callback, as each import has one; and
    some packages forget whatever is raised while they look for others. What is being cleared up is not disturbed.
    """

    def __init__(self) -> None:
        self._raised: BaseException | None = None

    def begin(self, number: int, _frame: object = None) -> None:
        """The handler of the signals."""
        signal.signal(signal.SIGALRM, self._insist)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S, _PATIENCE_S)
        self._raised = KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number)
        raise self._raised

    def _insist(self, *_: object) -> None:
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

    def finish(self) -> None:
        """Nothing is left that could be swallowed."""
        signal.setitimer(signal.ITIMER_REAL, 0)


def _open_what_is_closed() -> None:
    """Standard streams that a shell has closed (`>&-`) lead nowhere: the next file opened would take their place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - for as long as the process
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(_STDERR, "w")  # noqa: SIM115


def _run() -> None:
    from local import garbage

    garbage.collect_seldom()
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
