"""`python -m runoff`: the command by its package's name."""

from __future__ import annotations

from runoff.app.cli import main

if __name__ == "__main__":
    main()
