"""The `creatives` command as a shell starts it: signals end it in order, and its faults are told in a sentence.

Little is imported before it has begun: Ctrl-C at once is no traceback either.
"""

import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
_STDERR = 2


def main() -> None:
    """Runs the command; ends with 2 where it cannot do what it should."""
    _open_what_is_closed()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _open_what_is_closed() -> None:
    """Standard streams that a shell has closed (`>&-`) lead nowhere: the next file opened would take their place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - for as long as the process
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(_STDERR, "w")  # noqa: SIM115


def _run() -> None:
    from creatives import faults, terminal
    from creatives.cli import app
    from local import temporary

    try:
        with temporary.for_this_command():
            app()
    except faults.KNOWN as fault:
        terminal.tell(faults.sentence(fault))
        sys.exit(2)


if __name__ == "__main__":
    main()
