"""`runoff serve`: runs as a site over HTTP, read-only."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from starlette.applications import Starlette


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("directory", type=_words.target, metavar="DIR", help="folder with runs, or s3://, gs://, az://")
    words.add_argument("--host", default="127.0.0.1", metavar="NAME", help="address to listen on (default: 127.0.0.1)")
    words.add_argument(
        "--port", type=_words.port, default=8000, metavar="N", help="port (default: 8000; 0 for any free)"
    )
    _words.add_site(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Serve until interrupted."""
    from runoff.app.published.found import run_folders
    from runoff.app.published.site import Settings
    from runoff.app.stored.mirror import live
    from runoff.errors import UsageError

    try:
        import uvicorn  # noqa: F401  # to have it said before all else

        from runoff.app.published.server import application
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"serve needs {missing.name}, which is not installed\n  fix:  pip install 'runoff[serve]'"
        ) from None
    settings = Settings(options.title, tuple(options.history), options.stale)
    with live(options.directory) as (directory, renew):  # what cannot be read is told before anybody listens
        next(iter(run_folders(directory, lambda _: None)), None)
        _listen(options, application(directory, settings, renew))
    return 0


def _listen(options: Namespace, site: Starlette) -> None:
    """Serve a site until interrupted."""
    import socket

    import uvicorn

    from runoff.errors import OutputError

    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:  # told, so that TCP_NODELAY is set
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, options.port))
        except OSError as cause:
            raise OutputError(
                f"{options.host}:{options.port}: cannot listen: {cause.strerror or cause}\n  fix:  give another --port"
            ) from None
        place = f"[{options.host}]" if family == socket.AF_INET6 else options.host
        if not options.quiet:
            print(
                f"serving {options.directory} at http://{place}:{listener.getsockname()[1]}/ - Ctrl-C ends it",
                flush=True,
            )
        config = uvicorn.Config(
            site,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
        )
        uvicorn.Server(config).run(sockets=[listener])
