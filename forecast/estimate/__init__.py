"""Statistics on arrays: mixed models, outliers, tallies; knows no race.  Imports no other room."""
