"""The reader of /metrics refuses what promtool and Prometheus let pass."""

import pytest

from support.prometheus import Page

COUNTER = "# HELP a_total A.\n# TYPE a_total counter\n"
HISTOGRAM = ("# HELP h_seconds H.\n# TYPE h_seconds histogram\n"
             'h_seconds_bucket{x="1",le="0.1"} 1\nh_seconds_bucket{x="1",le="1"} 3\n'
             'h_seconds_bucket{x="1",le="+Inf"} 4\n'
             'h_seconds_sum{x="1"} 2.5\nh_seconds_count{x="1"} 4\n')
GOOD = COUNTER + 'a_total{x="a\\"b\\\\c\\nd"} 1\na_total{x="e"} 2\n' + HISTOGRAM


def test_good_page():
    page = Page(GOOD.encode())
    assert page.value("a_total", x='a"b\\c\nd') == 1
    assert page.sum("a_total") == 3
    assert page.table("a_total", "x") == {'a"b\\c\nd': 1, "e": 2}
    assert page.value("h_seconds_count") == 4


@pytest.mark.parametrize("text, words", [
    (GOOD[:-1], "no newline at the end"),
    (GOOD.replace("\n", "\r\n"), "CR"),
    (COUNTER + 'a_total{x="1"} 1\na_total{x="1"} 2\n', "comes twice"),
    (COUNTER + 'a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 2\n', "comes twice"),
    (COUNTER + 'a_total{x="1",x="2"} 1\n', "the label x comes twice"),
    (COUNTER + "a_total 1\n" + HISTOGRAM + COUNTER, "comes in pieces"),
    (COUNTER + "a_total 1\n# TYPE a_total counter\n", "after its samples"),
    (COUNTER + "# TYPE a_total counter\na_total 1\n", "a second TYPE"),
    (COUNTER + "b_total 1\n", "in the wrong family"),
    ("# TYPE a_total counter\na_total 1\n", "has no HELP"),
    ("# HELP a A.\n# TYPE a counter\na 1\n", "is called like no counter"),
    ("# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n", "is called like no gauge"),
    (COUNTER + "a_total -1\n", "is negative"),
    (COUNTER + "a_total NaN\n", "is NaN"),
    (COUNTER + 'a_total{x="a"b"} 1\n', "no label"),
    (COUNTER + 'a_total{x="\\t"} 1\n', "no label"),
    (COUNTER + "a_total  1\n", "no sample"),
    (HISTOGRAM.replace('le="1"} 3', 'le="1"} 0'), "not cumulative"),
    (HISTOGRAM.replace('le="1"} 3', 'le="0.01"} 3'), "out of order"),
    (HISTOGRAM.replace('h_seconds_bucket{x="1",le="+Inf"} 4\n', ""), "no +Inf"),
    (HISTOGRAM.replace('count{x="1"} 4', 'count{x="1"} 5'), "+Inf is not the count"),
    (HISTOGRAM.replace('h_seconds_sum{x="1"} 2.5\n', ""), "no sum"),
])
def test_bad_page(text, words):
    with pytest.raises(AssertionError) as failure:
        Page(text.encode())
    assert words in str(failure.value)
