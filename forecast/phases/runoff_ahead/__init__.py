"""The first round is held, the runoff is ahead."""
