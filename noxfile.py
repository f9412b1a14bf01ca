"""The four commands that people need: `nox -s tests`, `lint`, `types`, `shown`; each in an environment of its own."""

import nox

nox.options.sessions = ["lint", "types", "tests"]


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on every core; words behind -- go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Lint and format."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types and import contracts."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", "-n", "0", "tests/test_house.py")


@nox.session
def shown(session: nox.Session) -> None:
    """Make the output that README and docs show again, by real runs."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.documents")
