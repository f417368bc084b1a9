"""The comparison of tests/chaos/counts.py: exact, with room for nothing but unanswered requests."""
import pytest

from counts import clients_by_code, compare

TUNNELS = [{}, {}, {}]
SCRAPED = {"scrapes": 9, "failed_scrapes": 0, "resets": 0, "problem": None}


def disagree(by_code, by_status, **more):
    scraped = {**SCRAPED, "by_code": by_code, **more}
    return compare(scraped, {"by_status": by_status}, TUNNELS)["differences"]


def test_tunnels_count_as_101():
    assert clients_by_code({"by_status": {"200": 5, "none": 1}}, TUNNELS) == {"200": 5, "101": 3}


def test_visitors_of_sites_count_too():
    visitors = {"200": 2, "503": 4, "none": 1}
    assert clients_by_code({"by_status": {"200": 5}}, [], visitors) == {"200": 7, "503": 4}
    scraped = {**SCRAPED, "by_code": {"200": 8, "503": 4}}
    assert compare(scraped, {"by_status": {"200": 5}}, [], visitors)["differences"] == []
    assert compare(scraped, {"by_status": {"200": 5}}, [], {**visitors, "none": 0})["differences"] != []


def test_equal_counts_agree():
    assert disagree({"200": 5, "502": 1, "101": 3}, {"200": 5, "502": 1}) == []


@pytest.mark.parametrize("by_code", [
    {"200": 4, "101": 3}, {"200": 6, "101": 3}, {"200": 5}, {"200": 5, "101": 3, "0": 1},
    {"200": 4, "502": 1, "101": 3}, {}])
def test_any_difference_is_told(by_code):
    assert disagree(by_code, {"200": 5}) != []


def test_an_unanswered_request_leaves_room_for_one():
    for by_code in {"200": 5}, {"200": 6}, {"200": 5, "504": 1}:
        assert disagree({**by_code, "101": 3}, {"200": 5, "none": 1}) == []
    for by_code in {"200": 7}, {"200": 6, "504": 1}, {"200": 4, "504": 1}:
        assert disagree({**by_code, "101": 3}, {"200": 5, "none": 1}) != []


def test_what_makes_the_sums_doubtful():
    assert disagree({"200": 5, "101": 3}, {"200": 5}, resets=1) != []
    assert disagree({"200": 5, "101": 3}, {"200": 5}, problem="no last scrape") != []
