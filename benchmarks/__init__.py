"""Measurements of the engine, and the models that it is measured against."""
