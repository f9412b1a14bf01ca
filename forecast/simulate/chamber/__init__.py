"""A chamber's districts in the kernels' arrays, and their trials, drawn together."""
