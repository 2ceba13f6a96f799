"""Run the command line as ``python -m serai``."""

from serai.cli import main

if __name__ == "__main__":
    main()
