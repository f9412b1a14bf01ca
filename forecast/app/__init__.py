"""What people call: the command line.  Imports every room."""
