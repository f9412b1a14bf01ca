"""`runoff fit-archive`: what past races say, learned anew, as the table that the prior reads."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument(
        "folder", nargs="?", type=_words.path, metavar="FOLDER", help="an archive's folder (default: the shipped one)"
    )
    words.add_argument("-o", "--out", type=_words.path, required=True, metavar="FILE", help="Parquet file to write")


def carry_out(options: Namespace) -> int:
    """Fit, and write the table."""
    from runoff.data.archive.archive import Archive
    from runoff.errors import OutputError, RunExistsError, visible
    from runoff.model.prior.fitted import table

    archive = Archive.load() if options.folder is None else Archive.read(options.folder)
    said = visible(str(options.out))
    if options.out.exists():
        raise RunExistsError(f"{said}: stands there, and is left alone\n  fix:  name another file")
    fits = table.made(archive)
    try:
        options.out.write_bytes(table.written(fits, {"archive_sha256": archive.sha256}))
    except OSError as cause:
        raise OutputError(f"{said}: cannot write: {cause.strerror}") from None
    print(f"{len(fits.days)} days, {len(fits.without) - 1} elections left out; archive {archive.sha256[:12]}")
    print(f"table: {said}")
    return 0
