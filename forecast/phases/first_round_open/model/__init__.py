"""What a first round's regressions are made of: what is known of units, the order in which they came, odd cells."""
