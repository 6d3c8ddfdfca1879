"""Configuration of Sphinx. Nothing here, and nothing in the theme, is loaded from a network."""

import re
from typing import Any

import sim

project = "Orontes"
author = "The Orontes authors"
copyright = "The Orontes authors, MIT licence"
version = release = sim.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
smartquotes = False
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


def as_plain_text(_app: Any, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Docstrings are plain text with code between backticks: signs that mean something to docutils are escaped."""
    for number, line in enumerate(lines):
        parts = line.split("`")
        if len(parts) % 2 == 0:
            continue  # code that goes on in the next line
        parts[::2] = [re.sub(r"[*|]|(?<=\w)_(?!\w)", r"\\\g<0>", text) for text in parts[::2]]
        parts[1::2] = [f"``{code.strip()}``" for code in parts[1::2]]
        lines[number] = "".join(parts)


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", as_plain_text)
