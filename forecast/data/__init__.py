"""Tables on disk, read and checked into nouns; knows paths and columns and no run file.  Imports no other room."""
