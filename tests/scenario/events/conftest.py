"""Those who follow /events, without a browser."""

import json

import pytest

from support.world import join


@pytest.fixture
def next_told():
    """next_told(client): the next object that lb sends, as it is."""
    def take(client):
        event = client.wire.take_until(b"\n\n")
        assert event.startswith(b"data: ") and event.count(b"\n") == 2
        return json.loads(event[6:])
    return take


@pytest.fixture
def next_frame(next_told):
    """next_frame(client): the world after the next object."""
    def take(client):
        client.world = join(getattr(client, "world", None), next_told(client))
        return client.world
    return take
