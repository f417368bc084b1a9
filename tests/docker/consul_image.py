"""The image of a Consul agent, made as deploy/consul/start.sh makes it."""
import functools
import subprocess

from conftest import TOP


@functools.cache
def consul_image():
    """Its name. Made once for the engine, which takes a minute or two."""
    done = subprocess.run(["bash", "-c", "set -eu; exec 3>&1 >&2; . deploy/consul/lib.sh; . deploy/lib.sh; ensure_engine; "
                           "exec 9>build/consul-image.lock; flock 9; ensure_consul_image; echo $consul_image >&3"],
                          cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=500, text=True)
    return done.stdout.strip()
