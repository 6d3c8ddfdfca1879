"""Ensembles: many campaigns of one scenario, what is written down of them, and the folder that keeps it."""
