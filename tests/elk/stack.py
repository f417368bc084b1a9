"""The files of deploy/stack that the tests read, and what Docker's gelf driver makes of a line."""

import json
import time
from pathlib import Path

import index_template
from logstash_model import Pipeline

STACK = Path(__file__).resolve().parents[2] / "deploy/stack"
PIPELINE = Pipeline((STACK / "logstash/pipeline/lb.conf").read_text(encoding="utf-8"))
TEMPLATE = json.loads((STACK / "elasticsearch/template.json").read_text(encoding="utf-8"))
POLICY = json.loads((STACK / "elasticsearch/policy.json").read_text(encoding="utf-8"))
FIELDS = index_template.fields_of(TEMPLATE["template"]["mappings"]["properties"])


def by_docker(line, name="lb", level=6, timestamp=None):
    """As Docker 20.10 sends it."""
    return {"version": "1.1", "host": "docker1", "short_message": line, "level": level,
            "timestamp": timestamp or round(time.time(), 3), "_command": f"{name} --flag", "_container_id": "0123456789ab" * 5,
            "_container_name": name, "_created": "2026-11-22T02:00:00.000000001Z", "_image_id": "sha256:0a1b",
            "_image_name": f"{name}:test", "_tag": name}
