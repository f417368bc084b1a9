"""What has to happen to a container although the engine is restarted and killed meanwhile."""
import http.client
import time

from engine import ApiError


def patiently(act, seconds=60):
    """Calls it until the engine, which fails while it ends, has done it; gives what it gave. What else it says no to is raised."""
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except (ApiError, OSError, http.client.HTTPException) as problem:
            if isinstance(problem, ApiError) and (problem.status < 500 or is_stuck(problem)):
                raise
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s in vain for the engine: {problem}") from problem
        time.sleep(0.02)


def is_stuck(problem):
    """Whether the engine can never start this container: it forgot with its own restart that containerd has its task."""
    return "already exists" in str(problem) and problem.status >= 500


def insist(engine, method, path):
    """What it says no to was done already."""
    try:
        patiently(lambda: engine.call(method, path))
    except ApiError as problem:
        if problem.status >= 500:
            raise


def starts(engine, container):
    """Whether it runs now; one that never will is removed."""
    try:
        insist(engine, "POST", f"/containers/{container}/start")
        return True
    except ApiError:
        insist(engine, "DELETE", f"/containers/{container}?force=true")
        return False


def make(engine, create):
    """A new container that runs. `create` gives its id, and another name to each that it creates."""
    while True:
        made = patiently(create)
        if starts(engine, made):
            return made
