"""What modes do besides the race's and the regions' changes: how they move with a unit's lean."""
