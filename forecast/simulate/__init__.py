"""The only door to the kernels: arrays in, trials out, whoever draws them.  Imports model and below, and kernels."""
