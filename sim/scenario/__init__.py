"""Scenario files: read, put together, checked."""
