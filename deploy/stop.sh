#!/usr/bin/env bash
# Ends the demo: its containers and its network, or its local processes. Nothing else is touched;
# the images stay (docker rmi lb appserver removes them).
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=embedded.sh
. "$top/deploy/embedded.sh"

if (($#)); then
    say "deploy/stop.sh    ends what deploy/start.sh and deploy/start-app.sh started"
    [[ $1 == --help || $1 == -h ]] && exit 0
    exit 2
fi

if find_engine; then
    mapfile -t containers < <("${docker[@]}" ps --all --quiet --filter "label=$label")
    if ((${#containers[@]})); then
        # A foreground one (--rm) is gone when it has stopped; the others are removed after that.
        "${docker[@]}" stop --time 10 "${containers[@]}" >/dev/null || true
        mapfile -t containers < <("${docker[@]}" ps --all --quiet --filter "label=$label")
        if ((${#containers[@]})); then
            "${docker[@]}" rm --force "${containers[@]}" >/dev/null
        fi
    fi
    mapfile -t networks < <("${docker[@]}" network ls --quiet --filter "label=$label")
    if ((${#networks[@]})); then
        "${docker[@]}" network rm "${networks[@]}" >/dev/null
    fi
fi
embedded_stop
say "The demo is ended"
