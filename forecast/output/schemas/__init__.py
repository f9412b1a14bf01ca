"""The columns of each family of tables, a file a family."""
