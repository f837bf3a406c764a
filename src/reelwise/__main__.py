"""`python3 -m reelwise`: the same as the `reelwise` script."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, which Ctrl-C ends with one line at any moment, also while it is still being loaded."""
    try:
        from reelwise.cli import main  # here, because worker processes import this module and need no command line

        main()
    except KeyboardInterrupt:
        sys.stderr.write("reelwise: stopped; nothing is left half-written\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
