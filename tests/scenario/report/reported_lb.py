"""lb with a stand-in for lb-report, which keeps what it is told."""

import json
import os
import shutil
from pathlib import Path

from support.client import RawClient
from support.lb import Lb
from support.program import BIN_DIR
from support.waiting import wait_for

STAND_IN = Path(__file__).with_name("stand_in.py")
DSN = "https://c0ffee@sentry.test/7"


class ReportedLb(Lb):
    """The programs are copies in a folder of its own, as lb-report is looked for beside lb-proxy. `before`: called with the
    folder before lb starts."""

    def __init__(self, folder, *flags, before=None, **options):
        folder.mkdir(exist_ok=True)
        for name in ("lb", "lb-proxy", "lb-discovery"):
            shutil.copy(BIN_DIR / name, folder / name)
        shutil.copy(STAND_IN, folder / "lb-report")
        self.own = folder
        if before:
            before(folder)
        super().__init__(*flags, folder=folder, **options)

    def get(self, target="/", **options):
        with RawClient(self.address) as client:
            return client.get(target, **options)

    def told(self):
        """All that it was told, as (kind, body)."""
        path = self.own / "told"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        rows = [json.loads(line) for line in lines if line.endswith("\n")]
        return [(row["kind"], row["body"]) for row in rows]

    def starts(self):
        return [body for kind, body in self.told() if kind == "start"]

    def wait_started(self, count=1):
        return wait_for(lambda: self.starts()[count - 1:], f"lb-report is started {count} times")[0]

    def lines(self, kind):
        """Of both logs: whole lines, as JSON."""
        text = [body for told, body in self.told() if told == kind]
        assert all(body.endswith("\n") for body in text)
        return [json.loads(line) for body in text for line in body.splitlines()]

    def incidents(self, **like):
        """Those whose fields are like that."""
        found = [json.loads(body) for kind, body in self.told() if kind == "I"]
        return [incident for incident in found if like.items() <= incident.items()]

    def wait_incident(self, timeout_s=20, **like):
        return wait_for(lambda: self.incidents(**like), f"an incident like {like}; there were {self.incidents()}", timeout_s)[0]

    def changes(self):
        return [json.loads(body) for kind, body in self.told() if kind == "B"]

    def deafen(self):
        (self.own / "deaf").touch()

    def undeafen(self):
        os.unlink(self.own / "deaf")
