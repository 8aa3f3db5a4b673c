"""The search index, derived from the store's log and rebuildable."""
