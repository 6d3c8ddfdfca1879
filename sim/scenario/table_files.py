"""Reads tables (CSV) as parts of a scenario: a row is an entity, a column a field; errors name row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.rows import Cell, Column, Rows
from sim.scenario.yaml_reader import Tree, scalar

SUFFIXES = (".csv", ".tsv")
DELIMITERS = ",;\t"
COMMENT = "#"
DECIMAL_COMMA = re.compile(r"^\W*decimal comma\b", re.M | re.I)
"""A note by which a table says that its numbers have a decimal comma; else a comma in a number is a mistake."""
COMMA_NUMBER = re.compile(r"[-+]?\d+,\d+")


def parse_table(text: str, file: str, section: str, problems: list[Problem]) -> Tree:
    """The part of a scenario that a table holds. The first row names the columns; lines that begin with # are notes.

    Cells are delimited by commas, semicolons or tabs, whichever the first row has most of. ScenarioError where the
    names of the columns are wrong: then no row can be read as it was meant.
    """
    form: list[Problem] = []
    rows = Rows(section, file, form)
    lines = lines_of(text.removeprefix("\ufeff"))
    head = next(lines, None)
    if head is None:
        raise ScenarioError([Problem(file, 0, 0, "", "has no row of column names")])
    columns, comma = _columns(rows, file, *head), DECIMAL_COMMA.search(text) is not None
    names = {column.name: number for number, column in columns.items()}
    missing = [f"`{name}`" for name in rows.keys if name not in names]
    if missing:
        message = f"has no column {' and no column '.join(missing)}; the first row names the columns"
        rows.problem(Mark(file, head[0], 1), (section,), message)
    if form:
        raise ScenarioError(form)
    rows.problems = problems
    if not comma and delimiter_of(text) != ",":
        # Where commas part no cells, they stand in numbers: said once, and not for each of them.
        comma = _asks_for_commas(rows, columns, file, list(lines_of(text.removeprefix("\ufeff")))[1:])
    for line, cells in lines:
        row = {number: cell.strip() for number, cell in enumerate(cells, 1) if cell.strip()}
        beyond = [number for number in row if number > len(head[1])]
        if beyond:
            message = "there are more cells than column names; text that holds the delimiter needs quotes"
            rows.problem(Mark(file, line, beyond[0]), (section,), message)
        keys = [(row.get(names[name], ""), Mark(file, line, names[name])) for name in rows.keys]
        rows.add(
            keys,
            [
                Cell(column, cell_value(row[number], rows.types(column), comma), Mark(file, line, number))
                for number, column in columns.items()
                if number in row and not column.names_the_row
            ],
        )
    return rows.tree


def _asks_for_commas(rows: Rows, columns: dict[int, Column], file: str, lines: list[tuple[int, list[str]]]) -> bool:
    """Whether a number has a comma, which is a problem: it may be a decimal comma, or part a million."""
    for line, cells in lines:
        for number, cell in enumerate(cells, 1):
            text = cell.strip()
            if number in columns and COMMA_NUMBER.fullmatch(text) and float in rows.types(columns[number]):
                point = text.replace(",", ".")
                message = f"is '{text}' {point}? Then put the line `# decimal comma` on top; else leave the comma out"
                rows.problem(Mark(file, line, number), (rows.section,), message)
                return True
    return False


def _columns(rows: Rows, file: str, line: int, cells: list[str]) -> dict[int, Column]:
    """The columns that the first row names, by their numbers from 1."""
    found: dict[int, Column] = {}
    for number, cell in enumerate(cells, 1):
        name, mark = cell.strip().lower(), Mark(file, line, number)
        if name and name in {column.name for column in found.values()}:
            rows.problem(mark, (rows.section,), f"the column '{name}' stands twice")
        elif name and (column := rows.column(name, mark)):
            found[number] = column
    return found


def delimiter_of(text: str) -> str:
    """The sign between cells: comma, semicolon or tab, whichever the first row has most of."""
    head = next((line for line in text.splitlines() if line.strip() and not _is_note(line)), "")
    return max(DELIMITERS, key=head.count)


def lines_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with the line on which it starts."""
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)), 1
    for cells in reader:
        if any(cell.strip() for cell in cells) and not _is_note(cells[0]):
            yield line, cells
        line = reader.line_num + 1


def _is_note(text: str) -> bool:
    return text.strip().strip('"').startswith(COMMENT)


def cell_value(text: str, types: set[type], comma: bool) -> Any:
    """A cell as the field wants it; what it does not want is left as text, and told by the schema."""
    if list in types:
        return text.split()
    if str in types and not types & {float, bool}:
        return text
    return scalar(text.replace(",", ".") if comma and COMMA_NUMBER.fullmatch(text) else text)
