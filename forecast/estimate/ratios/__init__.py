"""Several finalists' shares as log-ratios to the last one."""
