"""What was learned of past races: relations, the linear model of margins, its fits and the table of them."""
