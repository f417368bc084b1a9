#!/usr/bin/env bash
# Adds one appserver to the running demo, in the foreground. Ctrl-C takes it out; run it again and it
# is back.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=embedded.sh
. "$top/deploy/embedded.sh"

if (($# > 1)) || [[ ${1-} == -* ]]; then
    say "deploy/start-app.sh [NAME]    one more appserver, until Ctrl-C (NAME: the next free appserverN)"
    [[ ${1-} == --help || ${1-} == -h ]] && exit 0
    exit 2
fi
name=${1-}

# as_the_others: into the array options, where the stack's containers log, and where exceptions go. That is a secret: it goes by
# the environment, as everybody can see arguments.
as_the_others() {
    local address dsn
    address=$("${docker[@]}" container inspect --format '{{index .HostConfig.LogConfig.Config "gelf-address"}}' "${prefix}lb")
    [[ -z $address ]] || options+=(--log-driver gelf --log-opt "gelf-address=$address" --log-opt 'tag={{.Name}}')
    dsn=$("${docker[@]}" container inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "${prefix}appserver1" 2>/dev/null \
        | grep '^SENTRY_DSN=') || return 0
    export SENTRY_DSN=${dsn#*=}
    options+=(--env SENTRY_DSN)
    [[ ${docker[0]} != sudo ]] || docker=(sudo --preserve-env=SENTRY_DSN "${docker[@]:1}")
}

# The container's stop signal is made SIGINT: that is what docker passes on at Ctrl-C, and a
# container that gets its stop signal takes no new requests from lb while it finishes its work.
# Without its health check it is in the pool as soon as it listens, and its log shows requests only.
add_on_docker() {
    local number=3 options=()
    if [[ -z $name ]]; then
        while "${docker[@]}" container inspect "${prefix}appserver$number" >/dev/null 2>&1; do
            number=$((number + 1))
        done
        name=${prefix}appserver$number
    fi
    require_name "$name"
    as_the_others
    say "$name on http://localhost:$(published_port 8000)/ until Ctrl-C"
    exec "${docker[@]}" run --rm --name "$name" --network "$network" --label "$label" \
        --stop-signal SIGINT --no-healthcheck --read-only --cap-drop ALL --security-opt no-new-privileges \
        "${options[@]}" "appserver:$tag"
}

add_embedded() {
    local number=4
    if [[ -z $name ]]; then
        while process_of "appserver$number" >/dev/null; do number=$((number + 1)); done
        name=appserver$number
    fi
    require_name "$name"
    process_of "$name" >/dev/null && die "there is a process '$name' in the demo already"
    read -r port _ <"$state/urls"
    trap 'embedded_remove "$name"; exit 0' INT TERM HUP
    embedded_add "$name"
    say "$name on http://localhost:$port/ until Ctrl-C"
    tail --follow --pid="$(process_of "$name")" "$state/$name.log" &
    wait $!
    embedded_remove "$name"
}

if embedded_is_running; then
    add_embedded
elif find_engine && container_is_running "${prefix}lb"; then
    add_on_docker
else
    die "the demo is not running; start it with deploy/start.sh"
fi
