"""Logging of the command line: plain lines with the time, on standard error."""

from __future__ import annotations

import logging
import sys


def start_logging(verbose: bool = False) -> None:
    """Send the log lines of `ige` to standard error, other libraries' from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("ige").setLevel(logging.DEBUG if verbose else logging.INFO)
