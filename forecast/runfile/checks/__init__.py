"""What the first round says of the names, totals and rates in a run file, and remarks on what may be meant."""
