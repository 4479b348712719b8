"""`python -m cli`; the file `order-sync` runs it."""

import sys

from cli.app import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
