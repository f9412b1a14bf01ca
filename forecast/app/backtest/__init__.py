"""Past races forecast as if they were to come, and scored; may import what the command line may."""
