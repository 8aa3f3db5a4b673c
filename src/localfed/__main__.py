"""`python -m localfed` is `localfed`."""

from localfed.server.cli import main

main()
