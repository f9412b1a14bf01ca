"""The run file's sections as frozen, strictly checked values: every key with its type, bounds and meaning.

Unknown keys, wrong types and numbers out of range are refused; a true is not a number, and neither is NaN.  What needs
the results table to be judged is in `runoff.runfile.checks`.
"""
