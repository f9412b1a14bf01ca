"""Trials of a run drawn again, one by one in detail.  Imports simulate and below, and kernels."""
