"""Our values and other people's formats: pure translations."""
