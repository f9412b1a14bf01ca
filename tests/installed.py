"""The folders as they are installed, for tools that follow folders: `runoff` is forecast/, with kernels/ in it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lay_out(folder: Path) -> Path:
    """Links to the checkout's folders under the names that they are imported by."""
    package = folder / "runoff"
    package.mkdir(parents=True)
    for path in (ROOT / "forecast").iterdir():
        (package / path.name).symlink_to(path)
    (package / "kernels").symlink_to(ROOT / "kernels")
    for name in ("benchmarks", "tests", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    return folder


if __name__ == "__main__":  # `cd $(python -m tests.installed)`, then mypy or lint-imports
    sys.stdout.write(f"{lay_out(Path(tempfile.mkdtemp()))}\n")
