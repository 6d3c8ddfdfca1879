"""The documentation, and what writes its tables from the declarations."""
