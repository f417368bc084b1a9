"""What deploy/stack has for Prometheus, Alertmanager and Grafana: read, not run."""

import json
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
STACK = TOP / "deploy" / "stack"
PROMETHEUS = STACK / "prometheus"
ALERTMANAGER = STACK / "alertmanager" / "alertmanager.yml"
GRAFANA = STACK / "grafana"

# What a variable of a dashboard stands for here: everything.
CHOICES = {"$instance": ".*", "$service": ".*", "$name": ".*", "$job": ".*", "$__rate_interval": "10s"}

# What stands in an expression and is no metric.
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "inf", "nan"}
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def dashboards():
    """{name of the file: the dashboard}"""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}


def panels(dashboard):
    """All but rows."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asked(expression):
    """The expression with everything chosen."""
    for variable, choice in CHOICES.items():
        expression = expression.replace(variable, choice)
    return expression


def dashboard_expressions():
    """[(where, expression)]"""
    return [(f"{name}: {panel['title']} {target['refId']}", asked(target["expr"]))
            for name, dashboard in dashboards().items() for panel in panels(dashboard) for target in panel["targets"]]


def metrics_of(expression):
    """Names of the metrics in an expression: what is neither quoted, nor a label, a function or a word of PromQL."""
    expression = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', '""', expression)
    expression = re.sub(r"\{[^}]*\}", "{}", expression)
    expression = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", expression)
    expression = re.sub(r"\[[^\]]*\]", " ", expression)
    names = set()
    for match in METRIC.finditer(expression):
        is_function = expression[match.end():].lstrip().startswith("(")
        if not is_function and match[0].lower() not in WORDS and not expression[:match.start()].endswith(tuple("0123456789.")):
            names.add(match[0])
    return names


def rules(yaml):
    """[the rules of all files], as Prometheus has them."""
    return [rule for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
            for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
