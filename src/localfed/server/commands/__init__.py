"""The commands of `localfed`, a file for each group of them."""
