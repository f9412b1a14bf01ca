"""What units have of their own beside their pools, as arrays.  Imports model and below, kernels, and its room."""
