"""Configuration of Sphinx. Nothing here, and nothing in the theme, is loaded from a network."""

import sim

project = "Orontes"
author = "The Orontes authors"
copyright = "The Orontes authors, MIT licence"
version = release = sim.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
nitpicky = False
exclude_patterns: list[str] = []

# Docstrings write code between single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "Orontes"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
