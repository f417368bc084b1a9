#!/usr/bin/env bash
# Starts the demo: lb on port 8000 and its appservers. Run it again as often as you like: what runs
# stays as it is.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=embedded.sh
. "$top/deploy/embedded.sh"

usage() {
    cat <<'END'
deploy/start.sh [--yes] [--no-docker]

Starts lb and two appservers on Docker: a network, three containers. Installs what is missing, a
Docker engine too, and builds the images. Where no engine can be had it runs lb and three local
appservers instead.

  --yes         do not ask before installing something
  --no-docker   local processes, even if there is a Docker engine

Environment:
  LB_PORT         where lb listens (8000)
  LB_ADMIN_PORT   where its admin pages are, on this machine only (8001)
  LB_IMAGE_TAG    the tag of the images that are built (latest)
  LB_DEMO_PREFIX  a prefix for the names of containers and network, to run a second demo

deploy/start-app.sh adds an appserver, deploy/stop.sh ends it all.
END
}

with_docker=yes
while (($#)); do
    case $1 in
    --yes | -y) assume_yes=yes ;;
    --no-docker) with_docker=no ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done

# ---- on Docker -----------------------------------------------------------------------------------

# The socket file, not its folder: /run holds the sockets of everything else on the host too. The
# price: where dockerd makes the socket itself *and* runs with live-restore, the file is dead in
# running containers after a restart of dockerd. deploy/README.md tells the way around that.
engine_socket() {
    local endpoint
    endpoint=$("${docker[@]}" context inspect --format '{{.Endpoints.docker.Host}}')
    [[ $endpoint == unix://* ]] \
        || die "the demo needs an engine on this machine, not $endpoint (or use --no-docker)"
    printf '%s' "${endpoint#unix://}"
}

# lb runs as a user of its own, so it needs the group that owns the socket. Asked from inside a
# container, because rootless engines number their groups differently there.
socket_group() {
    "${docker[@]}" run --rm --network none --volume "$1:/docker.sock" "$base_image" \
        stat --format %g /docker.sock
}

# run_container NAME OPTION… IMAGE ARGUMENT…: leaves it alone if it runs, clears it away if it ended.
run_container() {
    local name=$1 owner
    shift
    if owner=$("${docker[@]}" container inspect --format '{{index .Config.Labels "lb-demo"}}' "$name" \
        2>/dev/null); then
        [[ $owner == "$network" ]] || die "there is a container '$name' that is not of this demo." \
            "Use other names: LB_DEMO_PREFIX=demo- deploy/start.sh"
        container_is_running "$name" && return
        "${docker[@]}" rm --force "$name" >/dev/null
    fi
    "${docker[@]}" run --detach --name "$name" --network "$network" --label "$label" \
        --restart unless-stopped --read-only --cap-drop ALL --security-opt no-new-privileges \
        "$@" >/dev/null
}

# Inside its container lb's admin pages listen on all addresses, because 127.0.0.1 there is not
# ours; they are published on our 127.0.0.1 only. The appservers are on that network too: they may
# read, and give no orders. docker exec lb lb ctl … does, or a token (deploy/README.md).
run_lb() {
    local socket group
    socket=$(engine_socket)
    group=$(socket_group "$socket")
    run_container "${prefix}lb" --publish "$port:8000" --publish "127.0.0.1:$admin_port:8001" \
        --volume "$socket:/var/run/docker.sock" --group-add "$group" \
        "lb:$tag" --default-route appserver --admin 0.0.0.0:8001 --admin-open=read
}

start_on_docker() {
    local name all_run=yes
    for name in "${prefix}"{lb,appserver1,appserver2}; do
        container_is_running "$name" || all_run=no
    done
    if [[ $all_run == yes ]]; then
        # It may run on other ports than a plain call would choose.
        port=$(published_port 8000)
        admin_port=$(published_port 8001)
        say "The demo is running already (deploy/stop.sh ends it)"
        return
    fi
    if ! container_is_running "${prefix}lb"; then
        require_free_port "$port" LB_PORT
        require_free_port "$admin_port" LB_ADMIN_PORT
    fi
    say "Building the images lb and appserver (a minute or so the first time)"
    build_images "$tag" || exit 1
    "${docker[@]}" network inspect "$network" >/dev/null 2>&1 \
        || "${docker[@]}" network create --label "$label" "$network" >/dev/null
    run_lb
    run_container "${prefix}appserver1" "appserver:$tag"
    run_container "${prefix}appserver2" "appserver:$tag"
    say "Running on Docker, network $network: ${prefix}lb, ${prefix}appserver1, ${prefix}appserver2"
}

# ---- what both end with --------------------------------------------------------------------------

answer() {
    curl --silent --fail --max-time 5 "http://127.0.0.1:$port/" | grep 'served from'
}

# in_turn ANSWER…: the first k differ, and from then on each is the one that came k before.
in_turn() {
    local answers=("$@") count i
    count=$(printf '%s\n' "$@" | sort --unique | wc --lines)
    for ((i = count; i < $#; i++)); do
        [[ ${answers[i]} == "${answers[i - count]}" ]] || return 1
    done
    ((count >= expected))
}

# show_answers COUNT: six answers of at least COUNT servers, in turn. They may need a moment: the
# second server joins while the first answers already.
show_answers() {
    local expected=$1 end=$((SECONDS + 30)) answers
    while true; do
        mapfile -t answers < <(for _ in {1..6}; do answer || true; done)
        ((${#answers[@]} == 6)) && in_turn "${answers[@]}" && break
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
    say "Six requests to http://localhost:$port/ were"
    printf '    %s\n' "${answers[@]}"
}

show_urls() {
    cat <<END
The pages:
    http://localhost:$port/            the appservers, in turn
    http://localhost:$admin_port/            live: endpoints, states, rates and what changed
    http://localhost:$admin_port/explain     who gets requests, who does not, and what would change it
    http://localhost:$admin_port/pool        the same in numbers
    http://localhost:$admin_port/healthz     is lb well?
Add an appserver with deploy/start-app.sh (Ctrl-C takes it out again), end it all with deploy/stop.sh.
END
}

have curl || { ensure_packages curl && have curl; } || die "curl is needed to show the answers"
if [[ $with_docker == yes ]] && ! embedded_is_running && ensure_engine; then
    start_on_docker
    if ! show_answers 2; then
        "${docker[@]}" logs --tail 20 "${prefix}lb" >&2
        die "no answers from two appservers; above is the end of lb's log"
    fi
    show_urls
else
    [[ $with_docker == yes ]] && ! embedded_is_running \
        && say "No Docker engine can be had here; running the demo as local processes"
    embedded_start
    show_answers 3 || die "no answers from three appservers; lb's log is $state/lb.log"
    show_urls
    say "These are local processes, and lb follows the file $state/services.json."
    if [[ $with_docker == yes ]]; then
        say "For the demo on Docker: deploy/stop.sh, and then deploy/start.sh as root, or as a user with" \
            "sudo, on a machine (or in a privileged container) that may run dockerd."
    else
        say "For the demo on Docker: deploy/stop.sh, and then deploy/start.sh without --no-docker."
    fi
fi
