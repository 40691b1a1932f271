"""`python -m ige` is the same as the command `ige`."""

import sys

from ige.cli import main

if __name__ == "__main__":
    sys.exit(main())
