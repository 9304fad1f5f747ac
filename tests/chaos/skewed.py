"""The functions' process with a clock that is wrong: `python -m tests.chaos.skewed SECONDS --port PORT`."""

import sys
from datetime import UTC, datetime, timedelta

import time_machine

from local import functions

if __name__ == "__main__":
    skew_s = float(sys.argv.pop(1))
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=skew_s), tick=True).start()
    functions.main()
