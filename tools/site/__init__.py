"""The documentation as a web site that works offline: `python -m tools.site`, or `make site`."""
