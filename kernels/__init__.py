"""Compiled pure functions: numbers and arrays in, numbers and arrays out.

Nothing here knows a name, a date or a file; `forecast` does.  Only numpy and numba are imported.
"""
