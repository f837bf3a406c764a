"""`python3 -m reelwise`: the same as the `reelwise` script."""

from reelwise.cli import main

if __name__ == "__main__":
    main()
