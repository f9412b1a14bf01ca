"""Functions and matrices with the same bits on every CPU: what stands on the way from data to trials uses these.

NumPy's + - * / and sqrt, and its sums, are the same everywhere; its log, exp and tanh, its `@` and its linear algebra
are not, and neither are Python's `math` and `**`, nor scipy's functions.
"""
