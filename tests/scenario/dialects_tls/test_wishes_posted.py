"""What lb-proxy leaves for lb-acme: the wishes of the newest line, in a keepsake of the master's."""

import os
from pathlib import Path

from support.waiting import wait_for


PLACES = (4096, 4096 + (16 << 20))  # of lb/base/keepsake.c: they are written in turns


def posted(lb):
    """What is whole now is one of both."""
    link = next(link for link in Path(f"/proc/{lb.pid}/fd").iterdir()
                if os.readlink(link).startswith("/memfd:lb-wishes"))
    with open(link, "rb") as file:
        return b"|".join(os.pread(file.fileno(), 65536, place).rstrip(b"\0") for place in PLACES)


def test_wishes_are_posted_and_change(sites):
    sites.add({"lb.host": "a.test", "lb.tls": "auto"}, ["ACME_HOST=x"])
    lb = sites.start()
    wait_for(lambda: b'{"version":1,"certificates":[{"names":["a.test"],"email":""}]}' in posted(lb), "it is posted")
    made = sites.plug_in({}, ["VIRTUAL_HOST=b.test", "ACME_HOST=b.test", "ACME_EMAIL=x@b.test"])
    wait_for(lambda: b'{"names":["a.test"],"email":""},{"names":["b.test"],"email":"x@b.test"}]' in posted(lb),
             "so is a newcomer's")
    sites.unplug(made)
    wait_for(lambda: b'{"version":1,"certificates":[{"names":["a.test"],"email":""}]}' in posted(lb),
             "what is gone is not wished for")


def test_nobody_wishes_for_any(sites):
    sites.add({"lb.host": "a.test"})
    lb = sites.start()
    wait_for(lambda: b'{"version":1,"certificates":[]}' in posted(lb), "that is posted, too")
