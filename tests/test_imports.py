"""The house is built in one direction: who may import whom, and what stays out of the rules and of `sim --help`."""

from __future__ import annotations

import ast
import graphlib
import pathlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

from sim.ensemble.store import SHOWING, sources_of

ROOT = pathlib.Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "scenario": set(),
    "kernel": set(),
    "world": {"kernel", "scenario"},
    "statistics": set(),
    "outcomes": {"world", "scenario"},
    "bookkeeping": {"kernel", "world", "scenario"},
    "rules": {"bookkeeping", "kernel", "world", "scenario"},
    "engine": {"outcomes", "rules", "bookkeeping", "kernel", "world", "scenario"},
    "ensemble": {"engine", "rules", "outcomes", "statistics", "world", "scenario"},
    "session": {"ensemble", "engine", "rules", "outcomes", "statistics", "world", "scenario"},
    "study": {"ensemble", "engine", "rules", "statistics", "outcomes", "world", "scenario"},
    "plots": {"outcomes", "statistics", "scenario"},
    "web": {"plots", "session", "study", "ensemble", "engine", "rules", "outcomes", "statistics", "world", "scenario"},
    "adapters": {"session", "study", "ensemble", "engine", "rules", "world", "scenario"},
}
LATE = {"ensemble": {"plots", "session", "web"}, "study": {"plots"}, "adapters": {"web"}}
"""What a package may import inside functions only: `results.plot` finds the figures when it is used, `results.replay`
the page, `run` the commanders."""
TOP = {"cli", "__main__", "__init__"}
"""These may import everything, and nothing below may import them (but for the version number in `sim`)."""
EXTRAS = ("cluster", "places", "rl", "studies")
"""Optional packages that modules use, each inside the function that needs it."""
FACES = ("sim.adapters.environment", "sim.adapters.parallel")
"""Modules that are nothing but a face of a library that an extra brings. No other module needs them to be loaded."""
STANDARD = sys.stdlib_module_names


def sources() -> dict[str, ast.Module]:
    """All modules of the package by name."""
    found = {}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


MODULES = sources()


def imported(tree: ast.Module, only_when_loaded: bool = False) -> Iterator[str]:
    """Names of the modules that a module imports; `only_when_loaded`: not those inside functions or for types."""
    nodes: list[ast.AST] = list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)
        elif only_when_loaded and (isinstance(node, ast.FunctionDef) or is_for_types(node)):
            continue
        nodes.extend(ast.iter_child_nodes(node))


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def reached(start: str) -> set[str]:
    """All modules, the package's own and others, that come along when a module is imported."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(imported(MODULES[module], only_when_loaded=True) if module in MODULES else ())
    return seen


def test_imports_point_one_way() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, tree in MODULES.items()
        if (home := package_of(module)) not in TOP
        for other in imported(tree)
        if other.split(".")[0] == "sim"
        and other != "sim"
        and package_of(other) != home
        and package_of(other) not in MAY_IMPORT[home] | LATE.get(home, set())
    ]
    wrong += [
        f"{module} imports {other} when it is loaded"
        for module, tree in MODULES.items()
        for other in imported(tree, only_when_loaded=True)
        if other.split(".")[0] == "sim" and package_of(other) in LATE.get(package_of(module), set())
    ]
    assert not wrong


def test_no_module_needs_itself_to_be_loaded() -> None:
    graph = {
        module: {other for other in imported(tree, only_when_loaded=True) if other in MODULES}
        for module, tree in MODULES.items()
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def test_rules_know_nothing_of_tables_for_people_agents_or_files() -> None:
    heavy = {"pandas", "mesa", "pydantic", "yaml", "matplotlib", "pyarrow", "scipy", "typer"}
    for module in MODULES:
        if package_of(module) == "rules":
            outside = {name.split(".")[0] for name in reached(module)}
            assert not outside & heavy, module


def test_only_agents_import_mesa() -> None:
    assert [module for module, tree in MODULES.items() if "mesa" in set(imported(tree))] == ["sim.adapters.agents"]


def test_everything_imported_is_declared_and_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[ <>=~!\[;]", line)[0].lower() for line in project["dependencies"]}
    pins = (ROOT / ".ci/requirements.txt").read_text("utf-8").splitlines()
    pinned = {line.split("==")[0].lower() for line in pins if "==" in line}
    used = {name.split(".")[0] for tree in MODULES.values() for name in imported(tree)} - STANDARD - {"sim"}
    names = {"yaml": "pyyaml", "pydantic_core": "pydantic", "PIL": "pillow"}
    optional = project["optional-dependencies"]
    extras = {re.split(r"[ <>=~!\[;]", line)[0].lower() for extra in EXTRAS for line in optional[extra]}
    assert {names.get(name, name) for name in used} - extras == declared
    assert declared <= pinned
    others = {module: tree for module, tree in MODULES.items() if module not in FACES}
    loaded = {name.split(".")[0] for tree in others.values() for name in imported(tree, only_when_loaded=True)}
    assert not loaded & extras, "what only an extra brings is imported where it is used"


def test_the_hash_of_the_engine_covers_all_that_a_run_imports() -> None:
    """The sources are searched as text. A parser finds the same."""
    wanted: set[str] = set()
    waiting = ["sim.ensemble.run"]
    while waiting:
        name = waiting.pop()
        if name in MODULES and name not in {*wanted, "sim"} and not name.startswith(SHOWING):
            wanted.add(name)
            waiting += imported(MODULES[name])
            waiting += [one.module for one in ast.walk(MODULES[name]) if isinstance(one, ast.ImportFrom) and one.module]
    assert set(sources_of("sim.ensemble.run")) == wanted
    assert "sim.rules.combat" in wanted and "sim.cli.main" not in wanted
    assert "sim.session.session" in wanted, "commanders play in it"
    told = {f"sim.session.{name}" for name in ("trace", "causes", "falls", "ledger", "log", "stories", "story")}
    assert told <= set(MODULES) and not told & wanted, "other words about a campaign make no other campaign"


def test_help_loads_nothing_heavy() -> None:
    """How long it takes is measured by the benchmark, beside the machine it ran on."""
    program = (
        "import sys; sys.argv = ['sim', '--help']\n"
        "try:\n    from sim.cli.main import main; main()\n"
        "except SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage: sim" in done.stdout
    assert not {"numba", "numpy", "pandas", "matplotlib", "mesa", "scipy", "pyarrow"} & set(done.stderr.split())
