"""Compiling, random numbers and mathematics: nothing here knows of a war."""
