"""Fixtures of the tests of health."""

import pytest

from patient import Patient


@pytest.fixture
def patient(cleanup):
    """patient(name): a Patient."""
    def start(name="ok", **options):
        backend = Patient(name, **options)
        cleanup.callback(backend.close)
        return backend
    return start


@pytest.fixture
def ask(connect):
    """ask(lb, count): the bodies of so many answers, or their status where it is not 200."""
    def run(lb, count):
        client = connect(lb)
        answers = [client.get() for _ in range(count)]
        return [a.body.decode() if a.status == 200 else a.status for a in answers]
    return run
