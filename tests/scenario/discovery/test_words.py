"""What is told about labels that lb does not know, and which of them shut a container out."""

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

IDS = [f"{number:064x}" for number in range(20)]


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def watch(engine):
    return Watcher("--docker=unix://" + engine.path, "--self", "none")


def test_unknown_labels_are_told_on_the_line_and_once_in_the_log(engine):
    for number in range(1, 4):
        engine.add(container(IDS[number], f"web{number}", labels={"LB.Weight": "3"}))
    engine.add(container(IDS[4], "db", running=False, labels={"lb.prot": "5432"}))
    engine.add(container(IDS[5], "good"))
    with watch(engine) as w:
        w.next()
        said = 'the label "LB.Weight" is not known (did you mean lb.weight?)'
        assert w.last["remarks"] == {
            **dict.fromkeys(IDS[1:4], said),
            IDS[4]: 'the label "lb.prot" is not known (did you mean lb.port?)'}
        assert {e["weight"] for e in w.endpoints().values()} == {1}
        in_the_log = 'the label \\"LB.Weight\\" is not known (did you mean lb.weight?)'
        w.wait_message(in_the_log)
        engine.wait_stream()
        engine.add(container(IDS[6], "later", labels={"lb.drian": "true"}))
        engine.event("start", IDS[6])
        w.wait(lambda w: "later" in w.endpoints())
        assert IDS[6] in w.last["remarks"]
        w.wait_message("container later: the label ")
        assert sum(in_the_log in message for message in w.messages) == 1


def test_there_are_no_remarks_when_all_labels_are_known(engine):
    engine.add(container(IDS[1], "web", labels={"lb.check.path": "/", "org.opencontainers.image.title": "x"}))
    with watch(engine) as w:
        assert "remarks" not in w.next()


@pytest.mark.parametrize("label,value", [("LB.ENABLE", "false"), ("lb.enabled", "no"), ("lb.enable ", " false "),
                                         ("lb.enable", "Off"), ("lb.enbale", "0"), ("lb.disable", "true"),
                                         ("SERVICE_IGNORE", "1")])
def test_whoever_seems_to_ask_for_it_is_left_out(engine, label, value):
    engine.add(container(IDS[1], "web", labels={label: value}))
    with watch(engine) as w:
        w.next()
        assert w.reasons() == {"web": "disabled"}
        assert label.strip() in w.left_out()["web"]["detail"]
        if label not in ("lb.enable", "SERVICE_IGNORE"):
            w.wait_message("did you mean lb.enable?); it is left out for")


def test_an_enabling_label_that_is_no_answer_leaves_out(engine):
    engine.add(container(IDS[1], "web", labels={"lb.enable": "flase"}))
    with watch(engine) as w:
        w.next()
        assert w.reasons() == {"web": "bad_label"}
