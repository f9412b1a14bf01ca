"""Tests lie as the house does: ROOM/test_MODULE.py holds ROOM/MODULE.py; what differs stands here, with its reason."""

from __future__ import annotations

from tests.installed import ROOT

# Test files that name no module: a file of tests/, or a folder of them.
NO_MODULE = {
    "forecast/across": "the product as a whole, whichever rooms it takes",
    "kernels/test_digest.py": "the bits of all kernels together",
    "test_checkout.py": "what of a checkout is read by the tests",
    "test_documents.py": "README and docs",
    "test_house.py": "lint, types, contracts, and this",
    "test_installed.py": "the package as it is installed",
    "test_notebook.py": "the notebook in examples/",
}

# Modules without a test file of their own: the file through which each is tested.
THROUGH = {
    "forecast/app/published/test_server.py": "forecast/app/published: metrics site; forecast/report: site; "
    "forecast/app/commands: serve",
    "forecast/phases/runoff_night/flows/test_counted.py": "forecast/phases/runoff_night/flows: told; "
    "forecast/model/flows: cells known rounds",
    "forecast/app/shards/test_tasks.py": "forecast/app/sweep: spread",
    "forecast/app/stored/test_runs.py": "forecast/app/stored: bucket latest mirror",
    "forecast/app/feed/test_ready.py": "forecast/app/commands: ready _watching",
    "forecast/app/published/test_listing.py": "forecast/app/commands: list; forecast/output/schemas: listing",
    "forecast/app/published/test_publish.py": "forecast/app/commands: publish",
    "benchmarks/test_record.py": "benchmarks: figures page",
    "benchmarks/test_rivals.py": "benchmarks: answers counts ours problem processes; benchmarks/rivals: jax_rival "
    "numba_idiomatic numpy_leaning numpy_one_unit numpy_units numpyro_rival torch_rival",
    "forecast/across/test_faults.py": "forecast/output: stages",
    "forecast/across/test_leakage.py": "forecast/phases/runoff_ahead: phase",
    "forecast/across/test_mistakes.py": "forecast/runfile: load messages told; forecast/runfile/checks: consistency "
    "finalists rates; forecast/runfile/sections: fields rates; forecast/data/tables: formats table_csv; "
    "forecast/data/votes: roll",
    "forecast/across/test_night_run.py": "forecast/phases: understood; forecast/phases/first_round_open: check",
    "forecast/across/test_order.py": "forecast/phases: order",
    "forecast/across/test_report.py": "forecast/phases: pictured; forecast/phases/first_round_open: pictures; "
    "forecast/phases/runoff_ahead/influence: shares; "
    "forecast/phases/runoff_ahead/pictures: report tornado two_rates votes_flow; "
    "forecast/phases/runoff_night/pictures: report",
    "forecast/across/test_properties.py": "forecast/runfile/sections: run_file",
    "forecast/across/test_runoff_night_run.py": "forecast/output: provenance",
    "forecast/across/test_silent.py": "forecast/data/votes: columns places results votes words; "
    "forecast/data/votes/checks: sums whole; "
    "forecast/data/counts: runoff_checks; "
    "forecast/runfile/checks: remarks",
    "forecast/across/test_ties.py": "forecast/phases/first_round_open: runoffs",
    "forecast/across/test_three_finalists.py": "forecast/phases/runoff_night: finalist_tables",
    "forecast/across/test_totals.py": "forecast/data/votes: averaging; forecast/simulate: directions left_out totals",
    "forecast/app/commands/test_completion.py": "forecast/app/commands: _completion",
    "forecast/app/commands/test_export.py": "forecast/app/commands: _exported",
    "forecast/app/test_cli.py": "forecast/app: failures template; forecast: interrupts; "
    "forecast/app/commands: _answers _words check init run schema show",
    "forecast/app/commands/test_report.py": "forecast/app/commands: _report_file; "
    "forecast/phases/runoff_night/pictures: night_curve",
    "forecast/app/test_python.py": "forecast/output: trials; forecast/runfile: toml_text",
    "forecast/app/backtest/test_backtest.py": "forecast/app/backtest: beside cases forecasts page rivals; "
    "forecast/app/commands: backtest fit_archive; forecast/output/schemas: backtest",
    "forecast/app/backtest/chambers/test_whole.py": "forecast/app/backtest/chambers: assemblies beside page; "
    "forecast/output/schemas: chamber_backtest",
    "forecast/app/sweep/test_sweep.py": "forecast/app/sweep: journal page pictures rates scenario units; "
    "forecast/app/commands: sweep; "
    "forecast/output/schemas: sweep",
    "forecast/app/shards/test_folders.py": "forecast/app/shards: part; forecast/app/commands: merge shard; "
    "forecast/output/schemas: shard",
    "forecast/app/ask/test_ask.py": "forecast/app/ask: page rows; forecast/app/commands: ask; forecast/phases: asked; "
    "forecast/phases/first_round_open/again: told; forecast/phases/runoff_ahead/again: told; "
    "forecast/phases/runoff_night/again: told",
    "forecast/app/ask/test_grammar.py": "forecast/app/ask: bound events tokens",
    "forecast/app/ask/test_tally.py": "forecast/app/ask: brackets",
    "forecast/app/after/test_trial.py": "forecast/app/after: trial_page; forecast/app/commands: trial; "
    "forecast/phases/first_round_open/again: single; forecast/phases/runoff_ahead/again: single; "
    "forecast/phases/runoff_night/again: single",
    "forecast/simulate/again/test_detail.py": "forecast/simulate/again: factors",
    "forecast/app/flows/test_estimate.py": "forecast/app/flows: page pictures rows "
    "said; forecast/app/commands: estimate; forecast/output/schemas: estimate; forecast/runfile/sections: estimate",
    "forecast/data/rounds/test_joined.py": "forecast/data/rounds: cells read words",
    "forecast/model/prior/test_estimated.py": "forecast/model/prior: standing; forecast/data/rounds: kept; "
    "forecast/runfile: estimates",
    "forecast/estimate/ecological/test_transfers.py": "forecast/estimate/ecological: blocks draws logistic "
    "prior regions tables",
    "forecast/app/after/test_compare.py": "forecast/app/after: compare_page studio worlds; "
    "forecast/app/commands: compare",
    "forecast/app/after/test_score.py": "forecast/app/after: again score_page truth; forecast/app/commands: score",
    "forecast/app/commands/test_archive.py": "forecast/app/commands: _archive_page",
    "forecast/data/archive/test_archive.py": "forecast/data/archive: kept races words",
    "forecast/data/archive/test_checks.py": "forecast/data/archive: checks_beside columns read",
    "forecast/data/archive/test_write.py": "forecast/data/tables: typed",
    "forecast/data/chamber/test_table.py": "forecast/data/chamber: counted districts",
    "forecast/data/counts/test_first_round_count.py": "forecast/data/counts: count count_checks quiet; "
    "forecast/data/counts/status: table",
    "forecast/app/commands/test_import_.py": "forecast/data/formats: written",
    "forecast/data/formats/test_openelections.py": "forecast/data/formats: imported long",
    "forecast/data/polls/test_polls.py": "forecast/data/polls: crosstabs; forecast/data/tables: table_parquet",
    "forecast/estimate/test_odd.py": "forecast/phases: odd_notes; forecast/phases/first_round_open/model: odd_cells; "
    "forecast/phases/runoff_night/model: odd_cells",
    "forecast/model/chamber/test_shared.py": "forecast/model/chamber: night pairs rates",
    "forecast/model/prior/fitted/test_fits.py": "forecast/model/prior/fitted: design fields fronts table",
    "forecast/app/backtest/test_knowledge.py": "forecast/model/prior: given",
    "forecast/model/prior/test_blank.py": "forecast/runfile/sections: blank",
    "forecast/model/prior/test_of_case.py": "forecast/model/prior: law rates several; "
    "forecast/runfile/checks: prior; forecast/runfile/sections: prior turnout",
    "forecast/model/test_evidence.py": "forecast/model: poll_errors",
    "forecast/model/test_posterior.py": "forecast/model: electorate",
    "forecast/output/test_inputs.py": "forecast: files",
    "test_installed.py": "forecast: __main__",
    "forecast/output/test_store.py": "forecast/output: arrow columns kept; "
    "forecast/output/schemas: runoff_ahead runoff_rates",
    "forecast/phases/chamber/test_phase.py": "forecast/phases/chamber: check fit page pictures read summary; "
    "forecast/model/chamber: fields said; forecast/runfile: chamber; forecast/runfile/sections: chamber; "
    "forecast/output/schemas: chamber; forecast/report/pictures: seats",
    "forecast/phases/first_round_open/test_phase.py": "forecast/phases/first_round_open: page summary; "
    "forecast/output/schemas: first_round_open",
    "forecast/phases/runoff_ahead/test_page.py": "forecast/phases/runoff_ahead: evidence_page margin_bars; "
    "forecast/report: document text",
    "forecast/phases/runoff_ahead/test_summary.py": "forecast/phases/runoff_ahead: rates",
    "forecast/phases/runoff_night/classes/test_drawn.py": "forecast/phases/runoff_night/classes: ballots rows",
    "forecast/phases/runoff_night/classes/test_stated.py": "forecast/phases/runoff_night/classes: told",
    "forecast/phases/runoff_night/test_check.py": "forecast/app: watched; forecast/phases/runoff_night: read",
    "forecast/phases/runoff_night/model/test_cells.py": "forecast/phases/runoff_night/model: design fit linear",
    "forecast/phases/runoff_night/test_phase.py": "forecast/phases/runoff_night: naive page summary; "
    "forecast/phases/runoff_night/model: draw seen; forecast/output/schemas: runoff_night",
    "forecast/phases/test_pipeline.py": "forecast/phases: base registry settings",
    "forecast/phases/test_understood_evidence.py": "forecast/phases/runoff_ahead: fit",
    "forecast/simulate/test_unsaid.py": "forecast: race; forecast/model: defaults pools",
    "forecast/app/backtest/test_turnout.py": "forecast/app/backtest: turnout_page",
    "forecast/app/test_rehearse.py": "forecast/app: rehearsal rehearsal_page; forecast/app/commands: rehearse; "
    "forecast/output/schemas: rehearsal",
    "forecast/estimate/test_scores.py": "forecast/estimate: swing",
    "forecast/phases/runoff_night/model/test_effects.py": "forecast/estimate: tails; "
    "forecast/phases/runoff_night/model: base",
    "forecast/estimate/hierarchical/test_learn.py": "forecast/estimate: logistic; "
    "forecast/estimate/hierarchical: cells",
    "forecast/report/test_html.py": "forecast/report: illustrated",
    "forecast/report/test_pictures.py": "forecast/report/pictures: axis curve density dots flow heat ranges shapes "
    "strip",
    "kernels/test_digest.py": "kernels: _jit _lowering; forecast/simulate: threads",
    "forecast/phases/runoff_ahead/influence/test_response.py": "kernels: response",
    "kernels/test_logistic_units.py": "kernels: cholesky logistic_steps",
    "kernels/test_evidence.py": "kernels: weighted; forecast/simulate: conditioning",
    "kernels/test_fill.py": "forecast/simulate: normals",
    "kernels/test_transfer.py": "kernels: _types arrays noise places rates tally; forecast/simulate: inputs",
    "forecast/simulate/chamber/test_draw.py": "forecast/simulate/chamber: arrays",
    "forecast/simulate/places/test_arrays.py": "forecast/simulate/places: bends effects",
    "forecast/simulate/test_aggregate.py": "kernels: smooth",
    "test_documents.py": "forecast/output: schema_doc",
}

# Modules that no test runs.
BY_HAND = {
    "benchmarks: __main__ ballots country field precision roofline sweeps whole": "measure: a run says its figures",
    "benchmarks/rivals: pref_voting_rival votekit_rival": "hold numba back, so that no environment has them and ours",
    "benchmarks: simulated_runoffs": "measure, too",
    "benchmarks/rivals: transfers_rivals": "run by an environment of their own",
}


def modules() -> set[str]:
    """Every module of the house, as ROOM/MODULE."""
    paths = (path for folder in ("forecast", "kernels", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).with_suffix("").as_posix() for path in paths if path.name != "__init__.py"}


def named(words: str) -> list[str]:
    """Modules said as `ROOM: MODULE MODULE; ROOM: MODULE`, each as ROOM/MODULE."""
    rooms = [part.split(": ") for part in words.split("; ")]
    return [f"{room}/{module}" for room, found in rooms for module in found.split()]


def held(test: str) -> str | None:
    """The module, or the room of modules, that a test file of tests/ names; None if there is none."""
    room, _, name = test.removesuffix(".py").rpartition("/test_")
    places = (f"{room}/{name}", f"{room}/_{name}")
    return next((place for place in places if place in modules() or (ROOT / place).is_dir()), None)
