"""Two rounds by unit, every option of either as a column: what is needed to say where people went."""
