"""What of a first round is out: as a status table says it, or as the count itself does."""
