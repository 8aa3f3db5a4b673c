"""The one outgoing door."""
