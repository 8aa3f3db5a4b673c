"""The disk: the only floor that speaks SQL."""
