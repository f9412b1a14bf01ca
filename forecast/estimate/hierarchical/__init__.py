"""A hierarchical regression of cells: what it speaks of, its normal model at given spreads, and how it is learned."""
