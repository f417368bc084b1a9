"""Dashboards as Grafana reads them. Grafana itself cannot be run here: they are written for 11 and 12, whose schema is 39 or
later, and held against what an import trips over."""

import re

import pytest
import yaml

from deployed import GRAFANA, dashboards, metrics_of, panels

BOARDS = dashboards()
each_board = pytest.mark.parametrize("name", sorted(BOARDS))


def test_all_are_there():
    assert set(BOARDS) == {"lb-overview", "lb-service", "lb-endpoint", "lb-discovery", "lb-original"}
    assert len({board["uid"] for board in BOARDS.values()}) == len({board["title"] for board in BOARDS.values()}) == len(BOARDS)


@each_board
def test_form(name):
    board = BOARDS[name]
    assert board["uid"] == name and len(board["uid"]) <= 40
    assert board["schemaVersion"] == 39
    assert board["title"] and board["description"] and "lb" in board["tags"]
    assert "__inputs" not in board and "id" not in board  # it was not exported with what it is to be asked for
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in panels(board):
        assert panel["title"] and panel["targets"], panel
        assert panel["type"] in ("timeseries", "stat", "table", "heatmap")
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs))


@each_board
def test_panels_do_not_overlap(name):
    taken = {}
    for panel in BOARDS[name]["panels"]:
        at = panel["gridPos"]
        assert at["w"] > 0 and at["h"] > 0 and at["x"] >= 0 and at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]


@each_board
def test_the_data_source_is_chosen(name):
    """By the variable, which first means the one that is provisioned."""
    board = BOARDS[name]
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    (provisioned,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert variables["datasource"]["current"] == {"text": provisioned["name"], "value": provisioned["uid"]}
    for variable in variables.values():
        assert variable["type"] == "datasource" or variable["datasource"]["uid"] == "${datasource}"
    for panel in panels(board):
        for asker in (panel, *panel["targets"]):
            assert asker["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    used = set(re.findall(r"\$([a-z]\w*)", " ".join(target["expr"] for panel in panels(board) for target in panel["targets"])))
    assert used <= set(variables)
    for variable in set(variables) - {"datasource"} - used:
        assert any(f"${variable}" in str(other.get("query")) for other in variables.values()), f"${variable} is of no use"


def test_provisioned_files_lead_to_them():
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/lb.yml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"] == "/etc/grafana/dashboards"


def test_names_of_metrics_are_found():
    """The reader that other tests rely on."""
    assert metrics_of('sum by (a, b) (rate(x_total{c="d and e", f=~".+"}[5m])) / on (g) (h:i:j > 0) or vector(0)') == {"x_total", "h:i:j"}
    assert metrics_of("histogram_quantile(0.5, sum by (le) (rate(y_bucket[1m]))) unless z == 1e9") == {"y_bucket", "z"}
