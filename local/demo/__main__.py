"""`python -m local.demo [--sabotage <what>]`: exit status 0 only if every promise was kept."""

import argparse
import sys

from rich.console import Console

from local.demo.day import Sabotage, run_day


def main() -> int:
    """Run one day and give its verdict as an exit status; 130 after Ctrl-C, with everything stopped."""
    parser = argparse.ArgumentParser(prog="make demo", description="A trading day on this machine.")
    parser.add_argument(
        "--sabotage",
        type=Sabotage,
        choices=list(Sabotage),
        default=Sabotage.NONE,
        help="break one promise on purpose: the verdict must notice",
    )
    console = Console()
    try:
        checks = run_day(console, parser.parse_args().sabotage)
    except KeyboardInterrupt:
        console.print("\nStopped; everything that was started has ended.")
        return 130
    return 0 if all(check.holds for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
