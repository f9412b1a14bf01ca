"""Pictures as values: labelled numbers in, marks with places out, a file a picture; knows no race and no markup."""
