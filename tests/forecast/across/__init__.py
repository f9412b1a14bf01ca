"""What the product does as a whole, whichever rooms it takes: tests that no single module could hold."""
