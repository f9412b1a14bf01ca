"""A table as rows of text, from CSV or Parquet, and one checker of cells for all tables."""
