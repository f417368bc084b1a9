#!/usr/bin/env python3
"""Writes lb.ndjson, which Kibana imports (elasticsearch/setup.sh): a data view, what the dashboard shows, the dashboard.
Written for Kibana 8.19, in the form that 8.9 exports, which later ones take."""

import json
from pathlib import Path

VIEW = "lb-logs"
ACCESS = 'event.dataset: "lb.access"'
CHANGES = 'event.action: "pool-change"'
RECORDS = "___records___"


def reference(name, kind, identity):
    return {"name": name, "type": kind, "id": identity}


def saved(kind, identity, version, attributes, references=()):
    return {"id": identity, "type": kind, "attributes": attributes, "references": list(references),
            "coreMigrationVersion": "8.8.0", "typeMigrationVersion": version, "managed": False}


# ---- columns: what a layer asks of Elasticsearch ---------------------------------------------------------

def column(label, operation, field, kind="number", bucketed=False, scale="ratio", **params):
    return {"label": label, "customLabel": True, "dataType": kind, "operationType": operation, "sourceField": field,
            "isBucketed": bucketed, "scale": scale, "params": params}


def over_time():
    return column("time", "date_histogram", "@timestamp", "date", True, "interval", interval="auto",
                  includeEmptyRows=True, dropPartials=False)


def count(label="requests"):
    return column(label, "count", RECORDS, emptyAsNull=True)


def total(label, field):
    return column(label, "sum", field, emptyAsNull=True, format={"id": "bytes", "params": {"decimals": 1}})


def percentile(number, field="lb.total_ms"):
    return column(f"p{number} ms", "percentile", field, percentile=number)


def top(label, field, size, by):
    return column(label, "terms", field, "string", True, "ordinal", size=size, orderDirection="desc",
                  orderBy={"type": "column", "columnId": by}, otherBucket=True, missingBucket=False,
                  parentFormat={"id": "terms"})


def filters(**queries):
    made = column("status", "filters", RECORDS, "string", True, "ordinal",
                  filters=[{"label": label, "input": {"query": query, "language": "kuery"}}
                           for label, query in queries.items()])
    del made["sourceField"]
    return made


# ---- pictures ----------------------------------------------------------------------------------------------

def lens(identity, title, picture, visualization, columns, query=ACCESS, annotations=False):
    layer = f"{identity}-layer"
    references = [reference(f"indexpattern-datasource-layer-{layer}", "index-pattern", VIEW)]
    if annotations:
        references.append(reference(f"xy-visualization-layer-{layer}-changes", "index-pattern", VIEW))
    state = {
        "visualization": visualization,
        "query": {"query": query, "language": "kuery"},
        "filters": [],
        "datasourceStates": {"formBased": {"layers": {layer: {
            "columns": columns, "columnOrder": list(columns), "incompleteColumns": {}}}}},
        "internalReferences": [],
        "adHocDataViews": {},
    }
    return saved("lens", identity, "8.9.0", {"title": title, "description": "", "visualizationType": picture,
                                             "state": state}, references)


def chart(identity, title, series, split, values, query=ACCESS, annotations=False):
    """Over time; pool changes are lines in it where they are asked for."""
    layer = f"{identity}-layer"
    columns = {"x": over_time(), **values}
    data = {"layerId": layer, "layerType": "data", "seriesType": series, "xAccessor": "x", "accessors": list(values)}
    if split:
        columns = {"split": split, **columns}
        data["splitAccessor"] = "split"
    layers = [data]
    if annotations:
        layers.append({
            "layerId": f"{layer}-changes", "layerType": "annotations", "ignoreGlobalFilters": True,
            "annotations": [{
                "type": "query", "id": f"{identity}-change", "label": "pool change", "key": {"type": "point_in_time"},
                "timeField": "@timestamp", "color": "#0062B1", "icon": "bell", "extraFields": ["message"],
                "filter": {"type": "kibana_query", "query": CHANGES, "language": "kuery"}}]})
    visualization = {"legend": {"isVisible": True, "position": "bottom"}, "valueLabels": "hide",
                     "fittingFunction": "None", "preferredSeriesType": series, "layers": layers}
    return lens(identity, title, "lnsXY", visualization, columns, query, annotations)


def table(identity, title, rows, values, sorted_by):
    columns = {"rows": rows, **values}
    visualization = {"layerId": f"{identity}-layer", "layerType": "data",
                     "columns": [{"columnId": name} for name in columns],
                     "sorting": {"columnId": sorted_by, "direction": "desc"}}
    return lens(identity, title, "lnsDatatable", visualization, columns)


def status(low):
    return f"http.response.status_code >= {low} and http.response.status_code < {low + 100}"


PICTURES = [
    # object, x, y, width, height of 48 columns
    (chart("lb-status", "Requests by status", "bar_stacked",
           filters(**{"2xx": status(200), "3xx": status(300), "4xx": status(400), "5xx": status(500),
                      "no answer": "not http.response.status_code: *"}),
           {"y": count()}, f"{ACCESS} and event.category: web", annotations=True), 0, 0, 24, 12),
    (chart("lb-latency", "Latency", "line", None,
           {"p50": percentile(50), "p95": percentile(95), "p99": percentile(99)},
           f"{ACCESS} and event.category: web and lb.tunnel: false", annotations=True), 24, 0, 24, 12),
    (chart("lb-ends", "Ends by reason, but for ok", "bar_stacked", top("end", "lb.end", 15, "y"), {"y": count("ends")},
           f"{ACCESS} and not lb.end: ok"), 0, 12, 24, 11),
    (chart("lb-retries", "Retries by reason", "bar_stacked", top("after", "lb.retries", 10, "y"),
           {"y": count("requests that were tried again")}, f"{ACCESS} and lb.retries: *"), 24, 12, 24, 11),
    (chart("lb-containers", "Requests, connections and flows per container", "area_stacked",
           top("container", "lb.upstream.name", 20, "y"), {"y": count()}, annotations=True), 0, 23, 24, 12),
    (table("lb-traffic", "Traffic per container", top("container", "lb.upstream.name", 50, "count"),
           {"count": count(), "http": total("HTTP to clients", "http.response.body.bytes"),
            "passed": total("TCP and UDP to clients", "destination.bytes"), "p95": percentile(95)}, "count"),
     24, 23, 24, 12),
    (table("lb-slowest", "Slowest paths", top("path", "url.path", 25, "p95"),
           {"p95": percentile(95), "p99": percentile(99), "count": count()}, "p95"), 0, 35, 24, 14),
]

SEARCH = saved("search", "lb-changes", "8.0.0", {
    "title": "Pool changes", "description": "", "columns": ["message", "host.name"], "sort": [["@timestamp", "desc"]],
    "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps({
        "query": {"query": CHANGES, "language": "kuery"}, "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index"})}},
    [reference("kibanaSavedObjectMeta.searchSourceJSON.index", "index-pattern", VIEW)])


def dashboard():
    panels, references = [], []
    for number, (shown, x, y, width, height) in enumerate([*PICTURES, (SEARCH, 24, 35, 24, 14)], 1):
        panels.append({"version": "8.9.0", "type": shown["type"], "panelIndex": str(number),
                       "gridData": {"x": x, "y": y, "w": width, "h": height, "i": str(number)},
                       "embeddableConfig": {"enhancements": {}}, "panelRefName": f"panel_{number}"})
        references.append(reference(f"{number}:panel_{number}", shown["type"], shown["id"]))
    return saved("dashboard", "lb", "8.9.0", {
        "title": "lb", "description": "What lb answered, how long it took, and what became of it", "version": 1,
        "timeRestore": True, "timeFrom": "now-1h", "timeTo": "now", "refreshInterval": {"pause": False, "value": 10000},
        "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
        "panelsJSON": json.dumps(panels),
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(
            {"query": {"query": "", "language": "kuery"}, "filter": []})}}, references)


def objects():
    view = saved("index-pattern", VIEW, "8.0.0", {
        "title": "logs-lb.*,logs-appserver.*,logs-docker-*", "name": "lb", "timeFieldName": "@timestamp"})
    return [view, *(picture for picture, *_ in PICTURES), SEARCH, dashboard()]


def text():
    return "".join(json.dumps(one) + "\n" for one in objects())


if __name__ == "__main__":
    Path(__file__).with_name("lb.ndjson").write_text(text(), encoding="utf-8")
