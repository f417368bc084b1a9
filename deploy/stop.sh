#!/usr/bin/env bash
# Ends the demo: its containers and its network, or its local processes, and the stack of start.sh --stack. Nothing else is touched;
# the images stay (docker rmi lb appserver removes them), and the volumes of the stack as well.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=embedded.sh
. "$top/deploy/embedded.sh"

with_volumes=no
case ${1-} in
'') ;;
--volumes) with_volumes=yes ;;
*)
    say "deploy/stop.sh [--volumes]    ends what deploy/start.sh and deploy/start-app.sh started"
    say "    --volumes    and removes what the stack has stored, and its passwords"
    [[ $1 == --help || $1 == -h ]] && exit 0
    exit 2
    ;;
esac

# A foreground one (--rm) is gone when it has stopped; the others are removed after that.
end_containers() {
    local containers
    mapfile -t containers < <("${docker[@]}" ps --all --quiet --filter "label=$label")
    ((${#containers[@]})) || return 0
    "${docker[@]}" stop --time 10 "${containers[@]}" >/dev/null || true
    mapfile -t containers < <("${docker[@]}" ps --all --quiet --filter "label=$label")
    ((${#containers[@]} == 0)) || "${docker[@]}" rm --force --volumes "${containers[@]}" >/dev/null
}

end_networks() {
    local networks
    mapfile -t networks < <("${docker[@]}" network ls --quiet --filter "label=$label")
    ((${#networks[@]} == 0)) || "${docker[@]}" network rm "${networks[@]}" >/dev/null
}

end_volumes() {
    local volumes
    mapfile -t volumes < <("${docker[@]}" volume ls --quiet --filter "label=$label")
    if [[ $with_volumes == yes ]]; then
        ((${#volumes[@]} == 0)) || "${docker[@]}" volume rm "${volumes[@]}" >/dev/null || return 1 # they need their passwords
        rm -rf "$stack_state"
    elif ((${#volumes[@]})); then
        say "What the stack has stored stays (deploy/stop.sh --volumes removes it): ${volumes[*]}"
    fi
}

# What cannot be ended keeps nothing else from its end.
all_ended=yes
embedded_stop
if find_engine; then
    { end_containers && end_networks; } || all_ended=no
    # shellcheck source=stack/lib.sh
    . "$top/deploy/stack/lib.sh"
    { end_containers && end_networks && end_volumes; } || all_ended=no
fi
[[ $all_ended == yes ]] || die "not all of it is ended, for the reason above; run it again when nobody uses that any more"
say "The demo is ended"
