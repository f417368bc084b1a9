# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the names of lib.sh, and some set for start.sh
# The demo without Docker: local appservers, written into a file that lb follows. Sourced after
# lib.sh by the scripts beside it.
#
# The state folder holds NAME.pid and NAME.log of each process, NAME.json of each appserver in the
# pool, and services.json, which is those put together.

state=${XDG_RUNTIME_DIR:-/tmp}/$network-$UID
bin=${LB_BIN_DIR:-$top/build/release/bin}

# In /tmp anybody can make a folder of this name first; it must be ours.
make_state_folder() {
    [[ -d $state ]] || mkdir -m 700 "$state"
    [[ -O $state && ! -L $state ]] || die "$state belongs to somebody else; remove it or set XDG_RUNTIME_DIR"
}

# process_of NAME: its pid, if that process still is the program that was started. Fails if not. lb lets nobody but root
# see which file it runs; its name is told.
process_of() {
    local pid program seen
    [[ -r $state/$1.pid ]] && read -r pid program <"$state/$1.pid" || return 1
    if seen=$(readlink "/proc/$pid/exe" 2>/dev/null); then
        [[ $seen == "$program"?(' (deleted)') ]] || return 1
    else
        read -r seen 2>/dev/null <"/proc/$pid/comm" && [[ $seen == "${program##*/}" ]] || return 1
    fi
    printf '%s' "$pid"
}

# start_process NAME PROGRAM ARGUMENT…: in the background and in a session of its own, so that a
# Ctrl-C here does not reach it. The variables LB_PORT and so on are ours, not settings of lb.
start_process() {
    local name=$1 program
    program=$(readlink -f "$2")
    shift 2
    env -u LB_PORT -u LB_TLS_PORT -u LB_ADMIN_PORT -u LB_DEMO_PREFIX -u LB_IMAGE_TAG -u LB_BIN_DIR \
        setsid "$program" "$@" >"$state/$name.log" 2>&1 </dev/null 9>&- &
    printf '%s %s\n' $! "$program" >"$state/$name.pid"
}

# stop_process NAME: SIGTERM, and SIGKILL only after 10 s.
stop_process() {
    local pid end=$((SECONDS + 10))
    if pid=$(process_of "$1"); then
        kill -TERM "$pid" 2>/dev/null || true
        while process_of "$1" >/dev/null && ((SECONDS < end)); do sleep 0.05; done
        kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$state/$1.pid"
}

# Puts services.json together anew. Renamed into place, so that lb never reads half of it; call it
# with the lock held, because several start-app.sh may run.
write_services() {
    local list
    list=$(find "$state/appservers" -name '*.json' -exec cat {} + | sort | paste --serial --delimiters=,)
    printf '{"services": [{"name": "appserver", "endpoints": [%s]}]}\n' "$list" >"$state/services.new"
    mv "$state/services.new" "$state/services.json"
}

free_port() {
    local candidate
    for candidate in {8484..8983}; do
        port_is_taken "$candidate" && continue
        printf '%s' "$candidate"
        return
    done
    die "no free port from 8484 to 8983"
}

wait_for_port() {
    local end=$((SECONDS + 10))
    until port_is_taken "$1"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

# embedded_add NAME: starts an appserver on a free port and lets lb know once it listens.
embedded_add() {
    local name=$1 number
    exec 9>"$state/lock"
    flock 9
    number=$(free_port)
    start_process "$name" "$bin/appserver" --listen "127.0.0.1:$number" --name "$name"
    wait_for_port "$number" || die "appserver does not listen; its log is $state/$name.log"
    printf '{"name": "%s", "address": "127.0.0.1", "port": %s}\n' "$name" "$number" \
        >"$state/appservers/$name.json"
    write_services
    exec 9>&-
}

# embedded_remove NAME: lb first, so that no request meets an appserver that is going away.
embedded_remove() {
    exec 9>"$state/lock"
    flock 9
    rm -f "$state/appservers/$1.json"
    write_services
    exec 9>&-
    stop_process "$1"
}

embedded_is_running() { process_of lb >/dev/null; }

embedded_start() {
    local name
    if embedded_is_running; then
        local tls_port_now
        read -r port admin_port tls_port_now <"$state/urls"
        if [[ ${with_tls-no} == yes ]]; then
            [[ -n $tls_port_now ]] || refuse_without_tls
            tls_port=$tls_port_now
        fi
        say "The demo is running already (deploy/stop.sh ends it)"
        return
    fi
    embedded_stop    # what may be left of one that broke off
    require_free_port "$port" LB_PORT
    require_free_port "$admin_port" LB_ADMIN_PORT
    [[ ${with_tls-no} == no ]] || require_free_port "$tls_port" LB_TLS_PORT
    if [[ -z ${LB_BIN_DIR-} ]]; then
        ensure_packages "${build_packages[@]}" || die "these packages are needed to build lb"
        say "Building lb and appserver (half a minute the first time)"
        build_with release lb lb-proxy lb-discovery lb-report lb-acme appserver || exit 1
    fi
    make_state_folder
    mkdir "$state/appservers"
    for name in appserver1 appserver2 appserver3; do
        embedded_add "$name"
    done
    local words=()
    [[ ${with_tls-no} == no ]] || words=(--listen-tls "0.0.0.0:$tls_port" --certificates "$certificates" "${tls_words[@]}")
    start_process lb "$bin/lb" "${words[@]}" --listen "0.0.0.0:$port" --admin "127.0.0.1:$admin_port" \
        --file "$state/services.json"
    [[ ${with_tls-no} == yes ]] || tls_port=
    printf '%s %s %s\n' "$port" "$admin_port" "$tls_port" >"$state/urls"
    say "Running as local processes: lb, appserver1, appserver2, appserver3"
}

# embedded_stop: every process that is written down, then the folder.
embedded_stop() {
    local file name
    [[ -d $state ]] || return 0
    make_state_folder
    for file in "$state"/lb.pid "$state"/*.pid; do
        [[ -e $file ]] || continue
        name=${file##*/}
        stop_process "${name%.pid}"
    done
    rm -rf "$state"
}
