"""`runoff publish`: runs as a site of plain files, for any host."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("directory", type=_words.runs, metavar="DIR", help="folder with runs, or s3://, gs://, az://")
    words.add_argument("--to", type=_words.path, required=True, metavar="SITE", help="the site's folder")
    _words.add_site(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Publish, and say what was written."""
    from runoff.app.commands import _answers
    from runoff.app.published.publish import publish
    from runoff.app.published.site import Settings
    from runoff.errors import visible

    settings = Settings(options.title, tuple(options.history), options.stale)
    done = publish(options.directory, options.to, settings)
    for text in done.notes:
        _answers.note(text)
    if not options.quiet:
        print(f"site: {visible(str(options.to))}: {done.written:,} files written, {done.stood:,} stood as they are")
    return 0
