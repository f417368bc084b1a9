"""What strangers write into labels and names moves no cursor of who runs lb-discovery on a terminal."""

import json
import unicodedata

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x9b31m", "\x85", "\u202e", "\u2066", "\u2028", "\u200b",
                                     "\U000e0041", "\ufeff"])
def test_lines_and_messages_are_shown_as_they_are(tmp_path, hostile):
    with FakeDocker(tmp_path / "docker.sock") as engine:
        for number, label in enumerate(["lb.service", "lb.port", "lb.weight", "lb.network", "lb.address",
                                        "lb.check.path", "lb.enable", f"lb.{hostile}"]):
            engine.add(container(f"{number:064x}", f"n{hostile}", labels={label: f"a{hostile}b"},
                                 ip=f"10.9.0.{number + 2}"))
        with Watcher("--self", "none", "--docker=unix://" + engine.path) as watcher:
            _, line = watcher.lines.get(timeout=10)
            assert len(json.loads(line)["left_out"]) >= 4
            for text in [line.decode(), *watcher.messages]:
                for c in text.rstrip("\n"):
                    assert unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"), repr(text)
