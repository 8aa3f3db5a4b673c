"""What a node does: one file for each feature, on top of ports."""
