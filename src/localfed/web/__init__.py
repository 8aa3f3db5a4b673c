"""HTTP in: the only floor that answers requests."""
