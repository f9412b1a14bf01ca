"""Forecasts of two-round elections: everything that has a name, a unit, a date or a file."""

__version__ = "0.2.0"
