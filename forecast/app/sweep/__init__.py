"""What if: one run file under many settings, with the same random numbers; may import what the command line may."""
