"""The judgement of tests/chaos/sites.py."""
import pytest

from sites import NAMES, by_code, judge, words_of

DEATHS = [{"site": "shop", "way": "kill", "away_seconds": 2, "began": 10.0, "back": 14.0}]


def judged(name, deaths=DEATHS, **answer):
    sites = {each: {"requests": 9, "by_status": {"200": 9}, "odd": []} for each in NAMES}
    if answer:
        sites[name]["odd"].append({"text": "", **answer})
    return judge({"deaths": deaths, "sites": sites})


def test_nothing_is_broken_where_only_the_dead_site_is_503():
    assert judged("shop") == []
    for begun, ended in ((9.5, 10.5), (11, 12), (13.9, 15), (9, 16)):
        assert judged("shop", begun=begun, ended=ended, status="503") == []


@pytest.mark.parametrize("name,begun,ended,status", [
    ("blog", 11, 12, "503"), ("shop", 8, 9.9, "503"), ("shop", 14.1, 15, "503"), ("shop", 11, 12, "502"),
    ("shop", 11, 12, "404"), ("shop", 11, 12, "none"), ("blog", 11, 12, "none"), ("shop", 11, 12, "200"), ("news", 1, 2, "200"),
    ("cart", 11, 12, "moved"), ("shop", 15, 16, "moved")])
def test_anything_else_is(name, begun, ended, status):
    assert len(judged(name, begun=begun, ended=ended, status=status)) == 1


def test_a_run_in_which_no_site_died_or_one_did_not_come_back_shows_nothing():
    assert judged("shop", []) == ["no site died"]
    assert len(judged("shop", [{**DEATHS[0], "problem": "waited in vain"}])) == 1


def test_the_sites_are_of_three_dialects_and_all_count():
    words = [words_of(name, number) for number, name in enumerate(NAMES)]
    assert sum("lb.host" in labels for labels, _ in words) == 4
    assert sum("traefik.enable" in labels for labels, _ in words) == 2 and sum(bool(env) for _, env in words) == 3
    assert by_code({"sites": {"a": {"by_status": {"200": 2, "503": 1}}, "b": {"by_status": {"200": 3}}}}) == {"200": 5, "503": 1}
