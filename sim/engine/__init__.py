"""The engine: the sequence of play, what is recorded, and the compiled entry points."""
