"""What is true for every implementation: bytes in, checked values out. Pure; usable alone."""
