"""deploy/stack/kibana: lb.ndjson is what make_objects.py writes, what it refers to is there, and what it asks for has a type
that can answer."""

import importlib.util
import json
import re

import pytest
from stack import FIELDS, STACK, TEMPLATE

NUMBERS = {"long", "double"}
VALUES = {"keyword", "constant_keyword", "ip", "boolean", "wildcard"} | NUMBERS
TYPES_FOR = {"date_histogram": {"date"}, "terms": VALUES, "sum": NUMBERS, "percentile": NUMBERS, "median": NUMBERS}
WITHOUT_FIELD = {"count", "filters"}
KUERY_WORDS = {"and", "or", "not", "true", "false"}


def read_objects(text):
    return [json.loads(line) for line in text.splitlines()]


OBJECTS = read_objects((STACK / "kibana/lb.ndjson").read_text(encoding="utf-8"))
LENSES = [one for one in OBJECTS if one["type"] == "lens"]


def fields_of_query(query):
    """Names before an operator of Kibana's query language."""
    bare = re.sub(r'"[^"]*"', '""', query)
    names = re.findall(r"([\w.@]+)\s*(?::|<=?|>=?)", bare)
    assert names or not bare.strip(), query
    return names


def parts_of(value, *keys):
    """Everything that stands under one of these keys, at any depth; strings that are JSON are looked into."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        value = json.loads(value)
    if isinstance(value, dict):
        for key, part in value.items():
            if key in keys:
                yield part
            yield from parts_of(part, *keys)
    elif isinstance(value, list):
        for part in value:
            yield from parts_of(part, *keys)


def test_it_is_what_the_script_makes():
    spec = importlib.util.spec_from_file_location("make_objects", STACK / "kibana/make_objects.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.text() == (STACK / "kibana/lb.ndjson").read_text(encoding="utf-8")


def test_identities_and_references():
    known = [(one["type"], one["id"]) for one in OBJECTS]
    assert len(set(known)) == len(known)
    assert len({identity for _, identity in known}) == len(known)
    for one in OBJECTS:
        names = [reference["name"] for reference in one["references"]]
        assert len(set(names)) == len(names)
        for reference in one["references"]:
            assert (reference["type"], reference["id"]) in known, one["id"]


def test_all_queries_ask_for_known_fields():
    queries = [part for one in OBJECTS for part in parts_of(one["attributes"], "query") if isinstance(part, str) and part]
    assert len(queries) > 10
    for query in queries:
        assert set(fields_of_query(query)) <= set(FIELDS), query


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens["id"])
def test_columns(lens):
    state = lens["attributes"]["state"]
    (layer_id, layer), = state["datasourceStates"]["formBased"]["layers"].items()
    names = {reference["name"] for reference in lens["references"]}
    assert f"indexpattern-datasource-layer-{layer_id}" in names
    assert layer["columnOrder"] == list(layer["columns"])
    for column in layer["columns"].values():
        operation = column["operationType"]
        if operation in WITHOUT_FIELD:
            assert column.get("sourceField", "___records___") == "___records___"
            continue
        kind = FIELDS[column["sourceField"]]["type"]
        assert kind in TYPES_FOR[operation], column
        if operation == "terms":
            assert column["params"]["orderBy"]["columnId"] in layer["columns"]
    buckets = [column["isBucketed"] for column in layer["columns"].values()]
    assert buckets == sorted(buckets, reverse=True)  # what splits comes before what is counted


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens["id"])
def test_pictures_show_all_columns(lens):
    state = lens["attributes"]["state"]
    (layer_id, layer), = state["datasourceStates"]["formBased"]["layers"].items()
    picture = state["visualization"]
    if lens["attributes"]["visualizationType"] == "lnsDatatable":
        assert picture["layerId"] == layer_id
        shown = [column["columnId"] for column in picture["columns"]]
        assert picture["sorting"]["columnId"] in shown
    else:
        data = picture["layers"][0]
        assert data["layerId"] == layer_id
        shown = [*([data["splitAccessor"]] if "splitAccessor" in data else []), data["xAccessor"], *data["accessors"]]
    assert shown == list(layer["columns"])


def test_pool_changes_are_annotations():
    annotated = []
    for lens in LENSES:
        for layer in lens["attributes"]["state"]["visualization"].get("layers", []):
            for annotation in layer.get("annotations", []):
                assert annotation["filter"]["query"] == 'event.action: "pool-change"'
                assert FIELDS[annotation["timeField"]]["type"] == "date"
                assert set(annotation["extraFields"]) <= set(FIELDS)
                names = {reference["name"] for reference in lens["references"]}
                assert f"xy-visualization-layer-{layer['layerId']}" in names
                annotated.append(lens["id"])
    assert set(annotated) == {"lb-status", "lb-latency", "lb-containers"}


def test_dashboard():
    board, = (one for one in OBJECTS if one["type"] == "dashboard")
    panels = json.loads(board["attributes"]["panelsJSON"])
    references = {reference["name"]: reference for reference in board["references"]}
    assert len(panels) == len(references) == len(LENSES) + 1
    taken = set()
    for panel in panels:
        reference = references[f"{panel['panelIndex']}:{panel['panelRefName']}"]
        assert reference["type"] == panel["type"]
        grid = panel["gridData"]
        assert grid["i"] == panel["panelIndex"] and grid["x"] + grid["w"] <= 48
        places = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert not places & taken
        taken |= places


def test_the_view_has_all_streams():
    view, = (one for one in OBJECTS if one["type"] == "index-pattern")
    prefixes = [pattern.rstrip("*") for pattern in view["attributes"]["title"].split(",")]
    for pattern in TEMPLATE["index_patterns"]:
        assert any(pattern.startswith(prefix) for prefix in prefixes), pattern
    assert view["attributes"]["timeFieldName"] == "@timestamp"
