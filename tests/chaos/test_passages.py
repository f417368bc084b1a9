"""The judgement of tests/chaos/passages.py."""
import copy

import pytest

from passages import judge

DEATHS = [{"server": "echo-1", "way": "kill", "began": 10.0, "ended": 10.1, "reached": 12.0, "back": 30.0},
          {"server": "echo-2", "way": "pause", "began": 20.0, "ended": 20.1, "reached": 24.0, "back": 24.0}]
WELL = {"opened": 5, "asked": 9, "answered": 9, "failed": 0, "late": 0, "wrong": 0}


def found(*failures, deaths=DEATHS, lb=(10, 9, 9), **changed):
    clients = {kind: {**WELL, **changed.get(kind, {})} for kind in ("kept", "fresh", "flow")}
    return {"deaths": copy.deepcopy(deaths), "clients": clients, "failures": list(failures),
            "lb": {"connections": {"count": lb[0]},
                   "flows": {"client_datagrams": lb[1], "server_datagrams": lb[2], "lost_datagrams": 0}}}


def failure(kind="kept", server="echo-1", how="closed", begun=10.0, failed=10.2):
    return {"kind": kind, "server": server, "how": how, "begun": begun, "failed": failed}


def test_what_is_lost_with_its_endpoint_is_no_fault():
    for one in (failure(), failure("fresh"), failure("fresh", ""), failure("flow", how="timeout", begun=11, failed=13), failure("flow", "", "timeout", 14.5, 29),
                failure("flow", "echo-2", "timeout", 23, 25)):
        assert judge(found(one)) == []


@pytest.mark.parametrize("one", [
    failure(server="echo-3"), failure(begun=5, failed=9), failure(begun=14, failed=15), failure("flow", how="timeout", begun=4, failed=19),
    failure("flow", "", "timeout", 27.5, 42), failure(how="connect"),
    failure("fresh", "", "connect"), failure(how="wrong"), failure("fresh", "", begun=15, failed=16),
    failure(server="echo-2", begun=20, failed=21), failure("fresh", "", begun=20, failed=21),
    failure("flow", "echo-3", "timeout", 10, 12)])
def test_anything_else_is(one):
    assert len(judge(found(one))) == 1


def test_the_counts_must_agree():
    assert judge(found()) == []
    assert len(judge(found(kept={"asked": 10}))) == 1
    assert len(judge(found(flow={"wrong": 1}))) == 1
    assert len(judge(found(lb=(11, 9, 9)))) == 1 and len(judge(found(lb=(9, 9, 9)))) == 1
    assert len(judge(found(lb=(10, 8, 9)))) == 1 and len(judge(found(lb=(10, 9, 8)))) == 1
    assert judge(found(deaths=[])) == ["no endpoint of the TCP and UDP service died"]
