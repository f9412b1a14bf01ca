r"""The three standard streams as they really are: closed, full, or of an encoding that lacks a sign.

stdout is the answer: what it cannot spell is spelled plainly (`+-`, `...`, `#`, `\u0395`); where it cannot be written,
that is an error.  stderr is for messages: one that cannot be written is no reason to end.  A stream that was closed
takes nothing, and its place is kept: a table that is opened later must not become the standard output.
"""

from __future__ import annotations

import codecs
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_PLAIN = {"±": "+-", "…": "...", "█": "#", "×": "x", "−": "-", "–": "-", "’": "'"}  # noqa: RUF001  # the signs themselves
WIDEST = 100  # cells: longer lines are hard to read
_USUAL = 80  # columns where nobody tells
_ERRORS = "runoff.plain"  # the name under which codecs know what follows


def _plain(problem: UnicodeError) -> tuple[str, int]:
    """Plain spelling of what an encoding lacks."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end]
    spelled = [_PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in text]
    return "".join(spelled), problem.end


class _Answer(io.TextIOWrapper):
    """stdout; a reader that has gone (`BrokenPipeError`) is for the command to judge."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as cause:
            raise _unwritten(cause) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as cause:
            raise _unwritten(cause) from None


class _Messages(io.TextIOWrapper):
    """stderr; what cannot be said is left unsaid."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            return


def _unwritten(cause: OSError) -> Exception:
    from runoff import interrupts
    from runoff.errors import OutputError, visible

    if isinstance(cause, BrokenPipeError):
        return cause
    stands = [f"  what was written stands: {visible(path)}\n" for path in interrupts.written()[-1:]]
    return OutputError(
        f"standard output: cannot write: {cause.strerror or cause}\n{''.join(stands)}"
        "  fix:  make room where it leads, or use --quiet"
    )


def open_streams() -> None:
    """Make sys.stdout and sys.stderr as this module says; a closed sys.stdin stays None."""
    codecs.register_error(_ERRORS, _plain)
    _fill_places()
    sys.stdout = _again(_Answer, sys.stdout)
    sys.stderr = _again(_Messages, sys.stderr)


def _again(kind: type[io.TextIOWrapper], old: TextIO | None) -> TextIO:
    """The same stream as another kind; the old one stays where libraries ask it for the terminal's width."""
    if old is None:
        return _nowhere()
    own = old in (sys.__stdout__, sys.__stderr__)
    if not own or not isinstance(old, io.TextIOWrapper):  # somebody has put a stream of their own there
        return old
    return kind(old.buffer, old.encoding, _ERRORS, line_buffering=old.line_buffering, write_through=old.write_through)


def _fill_places() -> None:
    """Give each of the descriptors 0 to 2 that is closed to the null device."""
    try:
        number = os.open(os.devnull, os.O_RDWR)
        while number <= 2:
            os.set_inheritable(number, True)
            number = os.open(os.devnull, os.O_RDWR)
        os.close(number)
    except OSError:
        return  # no null device: streams that are closed stay closed


def _nowhere() -> TextIO:
    try:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # kept for the life of the process
    except OSError:
        return io.StringIO()


def spells_everything() -> bool:
    """Whether stdout can spell every character, so that JSON needs no escapes."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-").startswith("utf")


def columns(stream: TextIO | None) -> int:
    """Columns of the terminal that a stream is, or as COLUMNS has them; 80 where neither tells.

    As shutil has it, which would load every kind of compression for that.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno() if stream else 1).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL


def width(stream: TextIO | None) -> int:
    """Cells of a line: those of the terminal, and at most WIDEST."""
    return min(columns(stream), WIDEST)


def say(text: str) -> None:
    """A message on stderr, broken where the terminal ends; in one piece where stderr is a file or a program."""
    print(_fitted(text), file=sys.stderr)


def _fitted(text: str) -> str:
    try:
        if sys.stderr is None or not sys.stderr.isatty():
            return text
        from runoff.report.messages import fitted_message

        return fitted_message(text, width(sys.stderr))
    except (ImportError, OSError, MemoryError, ValueError):  # a machine that has run out must not lose its message
        return text


def mute() -> None:
    """Let what stdout still holds go nowhere: after a failure it would fail again at the very end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        return
