"""`runoff show`: a run on disk, printed again from its tables."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("path", type=_words.run, metavar="DIR|FILE", help="a run's folder, or one of its tables")
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Print the run, the rehearsal or the sweep that stands there."""
    from runoff.app.commands import _answers
    from runoff.output import store
    from runoff.phases.registry import phase_named

    kept = store.found(options.path)
    if kept.phase == "rehearsal":
        from runoff.app.commands.rehearse import show

        show(kept.tables, json=options.json)
        return 0
    if kept.phase == "sweep":
        from runoff.app.sweep.page import document, page

        if options.json:
            _answers.print_json(document(kept.tables))
        else:
            _answers.print_page(page(kept.tables))
        return 0
    if kept.phase == "estimate":
        from runoff.app.flows.estimate import kept_flows

        found = kept_flows(kept.tables)
        if options.json:
            _answers.print_json({**found.document(), "tables": str(_words.said(options, options.path))})
        else:
            _answers.print_page(found.page())
        return 0
    phase = phase_named(kept.phase, str(kept.folder))
    if options.json:
        _answers.print_json(_answers.document(phase, kept.tables, _words.said(options, options.path)))
    else:
        _answers.print_page(phase.page(kept.tables))
    return 0
