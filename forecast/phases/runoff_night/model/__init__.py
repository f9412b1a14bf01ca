"""What is known of a night's units and modes, what is learned from reported cells, and trials of what is out."""
