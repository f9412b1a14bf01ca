"""What decides the race: rates at their ends, the factors behind them, and the two rates that decide most."""
