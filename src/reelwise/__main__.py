"""`python3 -m reelwise`: the same as the `reelwise` script."""

if __name__ == "__main__":
    from reelwise.cli import main  # here, because worker processes import this module and need no command line

    main()
