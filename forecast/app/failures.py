"""What ended a command, as an exit code and one message; it loads little, since loading may be what failed."""

from __future__ import annotations

import os

_SCARCE = ("EMFILE", "ENFILE", "ENOMEM", "EIO", "ENOSPC", "EDQUOT", "EAGAIN")  # what a machine may run out of
_WAY_OUT = "see that disk, memory and open files (ulimit -n) suffice, and try again"


def failure(problem: Exception) -> tuple[int, str]:
    """Exit code and message of what ended the command."""
    code = getattr(problem, "exit_code", None)  # of a RunoffError, which need not be loadable here
    lack = _lack(problem)
    if code is not None:
        return 74 if lack and code != 73 else code, str(problem)
    if isinstance(problem, ImportError):
        name = problem.name or "a library"
        return 74, f"runoff: cannot load {name}: {lack or _line(problem)}\n  fix:  {_WAY_OUT}, or install runoff anew"
    if isinstance(problem, (OSError, MemoryError)) or lack:
        path = str(problem.filename or "") if isinstance(problem, OSError) else ""
        place = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path) + ": " * bool(path)
        return 74, f"runoff: input or output failed: {place}{lack or _line(problem)}\n  fix:  {_WAY_OUT}"
    from runoff.errors import printable

    return 70, (
        f"runoff: a bug of ours: {type(problem).__name__}: {printable(str(problem))}\n"
        "  please report it with the run file; RUNOFF_DEBUG=1 shows where it happened"
    )


def _lack(problem: BaseException | None) -> str:
    """What the machine ran out of, if that is behind a failure: the system's words for it; else ''."""
    import errno

    words = [os.strerror(getattr(errno, name)) for name in _SCARCE]
    while problem is not None:
        if isinstance(problem, MemoryError):
            return os.strerror(errno.ENOMEM)
        if isinstance(problem, (OSError, ImportError, RuntimeError)):
            if isinstance(problem, OSError) and errno.errorcode.get(problem.errno or 0) in _SCARCE:
                return os.strerror(problem.errno or 0)
            if "can't start new thread" in str(problem):
                return str(problem)
            found = [word for word in words if word in str(problem)]
            if found:
                return found[0]
        problem = problem.__cause__ or problem.__context__
    return ""


def _line(problem: BaseException) -> str:
    """The first line of what an exception says."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return text.strip().split("\n", 1)[0]
