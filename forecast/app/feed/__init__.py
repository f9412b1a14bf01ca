"""A night that runs itself: where counts come from, which of them are used, and whether all is ready."""
