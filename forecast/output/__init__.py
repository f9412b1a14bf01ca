"""The promise to readers: columns, Parquet, runs on disk, provenance.  Imports no other room."""
