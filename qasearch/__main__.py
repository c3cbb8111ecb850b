"""`python -m qasearch`."""

from qasearch.cli import main

if __name__ == "__main__":
    main()
