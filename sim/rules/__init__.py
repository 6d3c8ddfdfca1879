"""The rules, one a file, in the order of play."""
