"""`runoff demo`: a real race that ships with the package, drawn; and what to do next."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

RUN_FILE, RESULT = "eve.toml", "runoff-result-by-county.csv"


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument(
        "directory",
        nargs="?",
        type=_words.path,
        default="runoff-demo",
        metavar="DIR",
        help="folder for the race's files and its run (default: runoff-demo)",
    )
    words.add_argument("--trials", type=_words.trials, default=1_000_000, metavar="N", help="(default: a million)")


def carry_out(options: Namespace) -> int:
    """Write the files, draw the race, print it and the commands that follow."""
    import argparse

    from runoff.app.commands import run
    from runoff.errors import visible
    from runoff.report import terminal

    folder: Path = options.directory
    put(folder)
    terminal.say(f"wrote the files of Georgia's 6th district, June 2017, to {visible(str(folder))}")
    words = argparse.ArgumentParser()
    run.add(words)
    asked = words.parse_args(["--trials", str(options.trials), "--out", str(folder / "runs"), str(folder / RUN_FILE)])
    opened = run.opened(asked, str(folder / RUN_FILE))
    run.drawn(asked, opened)
    print(_next(folder, opened.settings.out / opened.run_id))
    return 0


def files() -> dict[str, bytes]:
    """The race's files by name: its run file, the tables that this names, and what came."""
    from importlib import resources

    shipped = resources.files("runoff.app") / "demo"
    return {file.name: file.read_bytes() for file in sorted(shipped.iterdir(), key=lambda file: file.name)}


def put(folder: Path) -> None:
    """Write the files into a folder; those that stand there already, as they ship, are left alone.

    Raises
    ------
    RunExistsError : one of them stands there with other content.
    OutputError : the folder cannot be written.
    """
    from runoff.errors import OutputError, RunExistsError, visible

    contents = {folder / name: content for name, content in files().items()}
    try:
        others = [path for path, content in contents.items() if path.exists() and path.read_bytes() != content]
        if others:
            raise RunExistsError(
                f"{visible(str(others[0]))}: stands there and is not the demo's, and is left alone\n"
                f"  fix:  name another folder, or run it: runoff run {visible(_quoted(folder / RUN_FILE))}"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            path.write_bytes(content)
    except OSError as cause:
        raise OutputError(f"{cause.filename or folder}: cannot write: {cause.strerror or cause}") from None


def _next(folder: Path, run: Path) -> str:
    """The commands that follow, one a line, with what each does."""
    from runoff.errors import printable

    page = folder / "eve.html"
    steps = (
        ("this run as one page with pictures, for a browser", f"report {_quoted(run)} -o {_quoted(page)}"),
        ("what was understood of the run file: pools, rates, polls", f"check {_quoted(folder / RUN_FILE)}"),
        ("the forecast held against what came the day after", f"score {_quoted(run)} {_quoted(folder / RESULT)}"),
        (f"change a number in {RUN_FILE}, and draw it again", f"run {_quoted(folder / RUN_FILE)}"),
        ("a race of your own, to begin with", "init my-race"),
    )
    lines = [f"  # {what}\n  runoff {command}" for what, command in steps]
    return printable("\n".join(["", "next:", *lines]))


def _quoted(path: Path) -> str:
    """A path as a shell reads it."""
    import shlex

    return shlex.quote(str(path))
