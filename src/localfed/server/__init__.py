"""The roof: chooses and connects everything."""
