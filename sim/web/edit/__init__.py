"""A scenario in the browser: its files as text, what is wrong with them, and the map, while one types."""
