"""The `creatives` command as a shell starts it: signals end it in order, and its faults are told in a sentence.

Little is imported before it has begun: Ctrl-C at once is no traceback either.
"""

import signal
import sys

INTERRUPTED = 128 + signal.SIGINT


def main() -> None:
    """Runs the command; ends with 2 where it cannot do what it should."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run() -> None:
    from creatives import faults, terminal
    from creatives.cli import app

    try:
        app()
    except faults.KNOWN as fault:
        terminal.tell(faults.sentence(fault))
        sys.exit(2)


if __name__ == "__main__":
    main()
