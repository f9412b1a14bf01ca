"""What each command does, once its words are understood; imports what it needs when it needs it."""

from __future__ import annotations

import json
import os
import sys
import warnings
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff.errors import UsageError, printable, visible

if TYPE_CHECKING:
    from runoff.data.counts.runoff_count import Reported
    from runoff.phases.base import Phase
    from runoff.phases.pipeline import Finished, Opened
    from runoff.phases.settings import Options
    from runoff.race import Tables
    from runoff.runfile.load import Case

_WIDEST = 100  # characters: longer lines are hard to read


def execute(options: Namespace) -> int:
    """Carry out one command; returns the exit code."""
    warnings.showwarning = _note
    actions = {"run": _run, "check": _check, "show": _show, "schema": _schema, "init": _init, "rehearse": _rehearse}
    return actions[options.command](options)


def _note(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {printable(str(message))}", file=sys.stderr)


def _path(text: str) -> Path | None:
    """The file that a word names; None for standard input."""
    if text != "-":
        return Path(text)
    if sys.stdin is None:
        from runoff.errors import MissingFileError

        raise MissingFileError("-: standard input is closed\n  fix:  name a file, or send one: runoff check - < FILE")
    return None


def _run(options: Namespace) -> int:
    if options.results is None and (options.watch or options.history is not None):
        raise UsageError("--watch and --history go with --results\n  fix:  name the table of the runoff's votes so far")
    _one_file(options)
    cases = [_case(options, name) for name in options.files]  # all files are read before any is drawn
    if options.watch:
        return _watch(options, cases[0][0])
    runs = [_opened(options, *case) for case in cases]
    documents = []
    for number, run in enumerate(runs):
        if number and not options.quiet and not options.json:
            print()
        documents += _drawn(options, run)
    if documents:
        _print_json(documents[0] if len(documents) == 1 else documents)
    return 0


def _case(options: Namespace, name: str) -> tuple[Case, Options]:
    """The case of a run file, or of a run's folder with what was asked for then; and what is asked for now."""
    from runoff.errors import InputError, MissingFileError
    from runoff.files import Files
    from runoff.phases.settings import Options
    from runoff.runfile.load import load, loads

    path, asked = _path(name), _asked(options)
    if path is None or not path.is_dir():
        return load(path), asked
    from runoff.output import inputs, kept

    if not any(path.glob(kept.MANIFEST)) and not any(path.glob(f"*/{kept.MANIFEST}")):
        raise MissingFileError(
            f"{visible(name)}: a folder, and not that of a run\n  fix:  name a run file in it, or a run's folder"
        )
    found = inputs.read(path)
    try:
        asked = asked.over(Options.of(found.asked))
    except (ValueError, TypeError, KeyError) as cause:
        raise InputError.single(str(path), "its word on inputs is damaged", got=str(cause)) from None
    return loads(found.text, Files(given=found.files), found.name), asked


def _one_file(options: Namespace) -> None:
    if options.results is not None and len(options.files) != 1:
        raise UsageError(f"--results goes with one run file, got {len(options.files)}")


def _asked(options: Namespace) -> Options:
    """What the command line says over the run file."""
    from dataclasses import fields

    from runoff.phases.settings import Options

    said = {field.name: getattr(options, field.name) for field in fields(Options) if field.name != "units"}
    return Options(**said, units=False if options.totals_only else None)


def _opened(options: Namespace, case: Case, asked: Options) -> Opened:
    from runoff.phases import pipeline

    run = pipeline.opened(case, asked)
    if options.totals_only and run.phase.totals_only:
        _note(f"{case.path}: {run.phase.totals_only}")
    return run


def _drawn(options: Namespace, run: Opened) -> list[dict[str, object]]:
    """Draw a run and put it on disk (of a watched table only where --out is given); print it, or return a document."""
    from runoff.app.progress import Bar
    from runoff.phases import pipeline

    finished: Finished | None = None
    with Bar(run.data.case.run_file.race.name, quiet=options.quiet) as bar:
        if options.watch and options.out is None:
            tables = pipeline.draw(run, bar.progress).tables
        else:
            finished = pipeline.keep(run, bar.progress)
            tables = finished.tables
    if options.history is not None:
        from runoff.output.history import append_history, history_row

        append_history(options.history, history_row(tables))
    if options.quiet:
        return []
    if options.json:
        return [_document(run.phase, tables, None if finished is None else finished.directory)]
    _print_text(run.phase, tables)
    if finished is not None:
        already = " (they stood there already, with the same bits)" if finished.stood else ""
        print(f"tables: {visible(str(finished.directory))}{already}")
    return []


def _watch(options: Namespace, case: Case) -> int:
    """A runoff that is being counted, whenever its table changes; what has fallen or vanished since is said."""
    from runoff.app.watched import lost
    from runoff.errors import RunoffError
    from runoff.output.history import watch

    before: list[Reported] = []

    def again() -> None:
        try:
            run = _opened(options, case, _asked(options))
            reported: Reported = run.data.reported
            for line in lost(before[0], reported, case.first_round.units, case.finalists) if before else ():
                _note(f"{options.results}: {line}")
            for document in _drawn(options, run):
                _print_json(document)
            before[:] = [reported]
            sys.stdout.flush()
        except RunoffError as problem:  # a table that is half written will be whole soon, a full disk has room again
            print(problem, file=sys.stderr)

    calls = watch(options.results, again)
    print(f"stopped watching {visible(str(options.results))} after {calls} runs", file=sys.stderr)
    return 0


def _document(phase: Phase[Any, Any, Any], tables: Tables, directory: Path | None) -> dict[str, object]:
    """The document of --json, with the folder of the tables where there is one."""
    document = phase.document(tables)
    return document if directory is None else {**document, "tables": str(directory)}


def _print_json(document: object) -> None:
    """One JSON document; with escapes where stdout cannot spell every character."""
    from runoff.report import terminal
    from runoff.report.layout import json_text

    print(json_text(document) if terminal.spells_everything() else json.dumps(document, indent=2))


def _print_text(phase: Phase[Any, Any, Any], tables: Tables) -> None:
    import shutil

    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(phase.page(tables).text(width, color))


def _check(options: Namespace) -> int:
    from runoff.phases import pipeline
    from runoff.phases.settings import Options
    from runoff.runfile.load import load

    _one_file(options)
    asked = Options(results=options.results)
    pages = [pipeline.check(load(_path(name)), asked) for name in options.files]
    if options.json:
        documents = [page.document() for page in pages]
        _print_json(documents[0] if len(documents) == 1 else documents)
    else:
        print("\n\n".join(map(str, pages)))
    return 0


def _show(options: Namespace) -> int:
    from runoff.output import store
    from runoff.phases.registry import phase_named

    kept = store.found(options.path)
    if kept.phase == "rehearsal":
        from runoff.app.rehearse_words import show

        return show(kept.tables, json=options.json)
    phase = phase_named(kept.phase)
    if options.json:
        _print_json(_document(phase, kept.tables, options.path))
    else:
        _print_text(phase, kept.tables)
    return 0


def _rehearse(options: Namespace) -> int:
    from runoff.app.rehearse_words import carry_out

    return carry_out(options)


def _schema(_: Namespace) -> int:
    from runoff.runfile.load import json_schema

    _print_json(json_schema())
    return 0


def _init(options: Namespace) -> int:
    from runoff.app.template import write_template

    for path in write_template(options.directory):
        print(f"wrote {visible(str(path))}", file=sys.stderr)
    print(f"runoff run {visible(str(options.directory / 'runoff.toml'))}")
    return 0
