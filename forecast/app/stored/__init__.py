"""Runs in object storage: each object is put there once and never again, but for the one that names the latest runs.

A run's files go first, its manifest last; who reads, reads what a manifest names.  Two writers of one run, or one that
was killed and came again, meet at the same names: what stands is taken over where its numbers are the same.
"""
