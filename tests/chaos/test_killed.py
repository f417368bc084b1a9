"""Which failures the end of lb's own process excuses."""
from report import killed_with

KILLS = [1000.0]


def stamp(seconds):
    from datetime import datetime, timezone
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()


def is_excused(begun, failed, kind="reset"):
    return killed_with({"begun": stamp(begun), "failed": stamp(failed), "kind": kind}, KILLS)


def test_what_was_in_flight_is():
    assert is_excused(999.5, 1000.01) and is_excused(999.99, 1000.2, "closed")


def test_what_begins_afterwards_is_not():
    assert not is_excused(1000.2, 1000.3)


def test_what_failed_before_or_much_later_is_not():
    assert not is_excused(998, 999) and not is_excused(999.9, 1005)


def test_an_answer_or_a_wait_is_not():
    for kind in ("status_503", "timeout", "wrong_body"):
        assert not is_excused(999.9, 1000.1, kind)
