"""Tables and parameters: their declarations keep what the engine and the documentation rely on."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.world import derived, tables
from sim.world.columns import Table
from sim.world.deploy import deploy
from sim.world.layout import World

EVERY_TABLE = [value for value in (vars(tables) | vars(derived)).values() if isinstance(value, Table)]


@pytest.fixture(scope="module")
def deployed(crossroads_file):
    return deploy(load(crossroads_file), RULEBOOK)


def fields(dtype):
    for name in dtype.names:
        inner = dtype.fields[name][0]
        yield name, inner
        if inner.names:
            yield from fields(inner)


def test_no_name_hides_an_attribute_of_a_row(deployed):
    taken = set(dir(np.record)) | set(dir(np.recarray))
    arrays = [*deployed.new_world()[1], *deployed.atlas]
    names = {name for array in arrays if array.dtype.names for name, _ in fields(array.dtype)}
    assert len(names) > 200
    assert not names & taken
    assert all(name.isidentifier() for name in names)


def test_every_value_is_one_cell(deployed):
    for array in [*deployed.new_world()[1], *deployed.atlas]:
        assert array.dtype.itemsize % 8 == 0
        for name, inner in fields(array.dtype) if array.dtype.names else [("", array.dtype)]:
            if not inner.names:
                assert inner in (np.float64, np.int64), name


def test_rows_start_on_cache_lines_and_share_no_cell(deployed):
    block = deployed.layout.new_block()
    world = deployed.layout.carve(block)
    assert block.ctypes.data % 64 == 0
    ends = 0
    for name in World._fields:
        array = getattr(world, name)
        if array.size == 0:
            continue
        start = array.ctypes.data - block.ctypes.data
        assert start % 64 == 0 and start >= ends, name
        ends = start + array.nbytes
    assert ends <= block.nbytes


def test_all_that_a_campaign_changes_is_laid_anew_for_the_next(deployed):
    layout = deployed.layout
    assert [name for name in World._fields if layout.offset[name] >= layout.restored] == ["look_ahead"]


def test_a_cell_number_leads_to_its_value(deployed):
    block = deployed.layout.new_block()
    world = deployed.layout.carve(block)
    for k, (table, row, column) in enumerate(
        [("units", 3, "morale"), ("settings", 0, "morale.losses"), ("sides", 1, "will")]
    ):
        cell, is_real = deployed.layout.cell(table, row, column)
        block[cell] = k + 0.5
        value = getattr(world, table)[row]
        for part in column.split("."):
            value = value[part]
        assert (value, is_real) == (k + 0.5, True)
    cell, is_real = deployed.layout.array_cell("stance", 1, 0)
    block.view(np.int64)[cell] = 2
    assert (world.stance[1, 0], is_real) == (2, False)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: table.name)
def test_every_column_says_what_it_is(table):
    assert len(set(table.names)) == len(table.names)
    for column in table.columns:
        assert column.meaning.strip(), column.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)


@pytest.mark.parametrize("rule", RULEBOOK)
def test_every_parameter_says_what_it_is_and_lies_within_its_bounds(rule):
    declared = RULEBOOK[rule].declared()
    assert declared
    for name, parameter in declared.items():
        assert parameter.low <= parameter.default <= parameter.high, name
        assert parameter.low < parameter.high, name
        for text in (parameter.unit, parameter.meaning, parameter.basis):
            assert isinstance(text, str) and text.strip(), name
