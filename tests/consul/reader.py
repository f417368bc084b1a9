"""Who answers when lb is asked."""


def who_answers(connect, lb, count=1, host="a.test", path="/"):
    """{name: how often} of so many requests on one connection."""
    found = {}
    client = connect(lb)
    for _ in range(count):
        client.request("GET", path, host=host)
        answer = client.read_response()
        body = answer.body.decode()
        name = body.partition("served from ")[2].partition("!")[0] if answer.status == 200 else answer.status
        found[name] = found.get(name, 0) + 1
    return found
