"""Text and numbers as people read them, for any medium; knows no race and no column.  Imports no other room."""
