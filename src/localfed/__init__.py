"""LocalFed: a federated directory protocol and its reference node."""

__version__ = "0.1.0"
