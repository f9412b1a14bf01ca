"""The tables of an estimate of transfers: a matrix from two rounds by unit, with its draws."""

from __future__ import annotations

from runoff.output.columns import KEYS, SCHEMA_VERSION, Column, Table, quantiles

_RUN = KEYS[0]
_CELL = (
    Column("origin", "string", "an option of the first round, or 'did not vote'"),
    Column("destination", "string", "an option of the second round, or 'did not vote'"),
)
_SHARE = "share of the origin's people who went to the destination"

ESTIMATE = Table(
    "estimate",
    "an estimate of transfers (one row)",
    (
        _RUN,
        Column("race_name", "string", "what it is of: the name that was given, else those of the tables"),
        Column("units", "int64", "units that the estimate rests on"),
        Column("units_left_out", "int64", "units that are left out, named with the reason in `estimate_units`"),
        Column("people", "int64", "people of those units"),
        Column("origins", "int64", "options of the first round with people in them, 'did not vote' among them"),
        Column("destinations", "int64", "options of the second round likewise"),
        Column("draws", "int64", "draws of the matrix"),
        Column("seed", "int64", "the seed"),
        Column("weight", "double", "weight of what is known before any result, 1 as measured"),
        Column("known", "string", "what was taken for known before, as JSON: origin, destination, odds"),
        Column("dispersion", "double", "sd of units' log-odds around one matrix, beyond lots: how unlike units are"),
        Column("mass", "double", "what was drawn towards what is known before, as a factor of the usual"),
        Column("turned", "double", "people whom the estimate from the second round back puts elsewhere, as a share"),
        Column("fits_apart", "double", "people whom the two models of one estimate put apart, as a share"),
        Column("steps_symmetric", "int64", "steps of the symmetric fit"),
        Column("steps_hierarchical", "int64", "steps of the hierarchical fit"),
        Column("first_sha256", "string", "hash of the first round's table"),
        Column("second_sha256", "string", "hash of the second round's table"),
        Column("digest", "string", "sha256 over matrix and draws"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", f"version of these tables, {SCHEMA_VERSION}"),
        Column("warnings", "string", "what a reader must know, one remark a line; '' if nothing"),
    ),
)

_MATRIX = (
    Column("votes_mean", "double", "people of the cell; rows and columns add up to the data's"),
    Column("share_mean", "double", _SHARE),
    Column("share_sd", "double", "its standard deviation over draws"),
    *quantiles("share", _SHARE + ", of draws in whole people"),
    Column("bound_low", "double", "what that share is at least, whatever people did, by adding up units"),
    Column("bound_high", "double", "what it is at most"),
)

MATRIX = Table(
    "matrix",
    "a cell: an origin and a destination",
    (
        _RUN,
        *_CELL,
        *_MATRIX,
        Column("share_without", "double", "share_mean, had nothing been known before any result"),
        Column("share_twice", "double", "share_mean with twice the weight of what is known before"),
        Column("people", "int64", "people of the origin"),
        Column("odds", "double", "odds known before, 1 for none"),
        Column("origin_bloc", "string", "bloc or party of the origin, '' where the table has none"),
        Column("destination_bloc", "string", "that of the destination, likewise"),
        Column("origin_kind", "string", "candidate, blank or absent"),
        Column("destination_kind", "string", "likewise"),
    ),
)

MATRIX_REGIONS = Table(
    "matrix_regions",
    "a cell of a region's matrix, drawn towards the whole's",
    (_RUN, Column("region", "string", "the region"), *_CELL, *_MATRIX),
)

DRAWS = Table(
    "matrix_draws",
    "a cell of a draw; each draw has the data's margins",
    (_RUN, Column("draw", "int64", "number of the draw, from 0"), *_CELL, Column("votes", "double", "people")),
)

UNITS = Table(
    "estimate_units",
    "a unit of either round",
    (
        _RUN,
        Column("unit", "string", "its name"),
        Column("region", "string", "its region, '' where the tables have none"),
        Column(
            "people_first", "int64", "its people in the first round, before scaling; ballots where it is in one only"
        ),
        Column("people_second", "int64", "its people in the second round, likewise"),
        Column("left_out", "string", "why it is left out, '' if it is not"),
    ),
)

UNIT_FLOWS = Table(
    "unit_flows",
    "a cell of a unit's table, within the unit's margins",
    (_RUN, Column("unit", "string", "the unit"), *_CELL, Column("votes_mean", "double", "people")),
    on_request=True,
)

ESTIMATE_TABLES = {table.name: table for table in (ESTIMATE, MATRIX, MATRIX_REGIONS, DRAWS, UNITS, UNIT_FLOWS)}
