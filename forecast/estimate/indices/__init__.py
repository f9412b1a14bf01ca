"""How much of a number each of its causes decides: Sobol indices and Shapley effects."""
