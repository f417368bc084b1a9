#!/usr/bin/env bash
# Runs lb in a container that another image can take the place of without a lost connection.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
    cat <<'END'
deploy/upgrade.sh start [OPTION…] IMAGE [FLAG…]     deploy/upgrade.sh IMAGE
deploy/upgrade.sh start                              deploy/upgrade.sh stop

start  Runs lb: OPTIONs are those of `docker run`, FLAGs those of lb. What concerns the network (--publish, --network, --ip,
       --hostname, --dns, …) is an anchor's: a container that only waits, and holds ports and addresses for as long as lb
       containers come and go in its network. Without words: once more what is not running, with the words of the last time.
IMAGE  Starts a container of that image beside the one that runs. It gets the listening sockets and all that is known by a
       socket in a volume that both have; when it serves, the old one finishes what it has begun and is removed. Does the new
       one not become ready, it is removed, the old one serves on, and the exit status is 1.
stop   Removes all of it.

    deploy/upgrade.sh start --publish 80:80 --network my-network \
        --volume /var/run/docker.sock:/var/run/docker.sock --group-add "$(stat -c %g /var/run/docker.sock)" lb:1
    deploy/upgrade.sh lb:2

Environment:
  LB_NAME          the beginning of all names, to have several (lb): lb-anchor, lb-1, lb-2, …, volume lb-handover
  LB_READY_SECONDS how long a new container may take (90): somewhat more than lb's --upgrade-timeout
  LB_DRAIN_SECONDS how long the old one may take to end (660): somewhat more than lb's --handover-grace
END
}

# ---- names, and what the engine knows of them --------------------------------------------------------

name=${LB_NAME-lb}
ready_seconds=${LB_READY_SECONDS-90}
drain_seconds=${LB_DRAIN_SECONDS-660}
anchor=$name-anchor
volume=$name-handover
folder=/run/lb
kin=lb-upgrade=$name # the label of all containers
secured=(--read-only --cap-drop ALL --security-opt no-new-privileges)

# look FORMAT CONTAINER: nothing where there is none.
look() { "${docker[@]}" container inspect --format "$1" "$2" 2>/dev/null || true; }

# serving: the lb containers that run, the youngest first.
serving() {
    "${docker[@]}" ps --filter "label=$kin" --filter "label=lb-upgrade-role=lb" --format '{{.Names}}'
}

all_lbs() {
    "${docker[@]}" ps --all --filter "label=$kin" --filter "label=lb-upgrade-role=lb" --format '{{.Names}}'
}

# The next name that no container has.
next_name() {
    local number last=0
    for number in $(all_lbs); do
        number=${number##*-}
        ((number > last)) && last=$number
    done
    printf '%s-%s' "$name" $((last + 1))
}

# ---- the words of `start`, which the anchor keeps ----------------------------------------------------

net_words=() run_words=() flags=() more_networks=()
image=

# What each container has for itself is not to be said here.
refuse_option() {
    case $1 in
    --name | --name=* | --rm | --restart | --restart=* | --interactive | -i | --tty | -t | -it | --entrypoint | --entrypoint=*)
        die "$1 is not for this script to take: see --help" ;;
    esac
}

# add_option WORD…: one option, to whom it concerns.
add_option() {
    case $1 in
    --network | --net)
        if [[ " ${net_words[*]-} " == *" --network "* ]]; then more_networks+=("$2"); else net_words+=(--network "$2"); fi ;;
    --publish | -p | --publish-all | -P | --expose | --ip | --ip6 | --link-local-ip | --network-alias | --net-alias | --mac-address \
        | --hostname | -h | --domainname | --dns | --dns-search | --dns-option | --dns-opt | --add-host | --sysctl)
        net_words+=("$@") ;;
    --label | -l)
        net_words+=("$@")
        run_words+=("$@") ;;
    *) run_words+=("$@") ;;
    esac
}

read_words() {
    local word
    while (($#)) && [[ $1 == -* ]]; do
        word=$1
        refuse_option "$word"
        case $word in
        --detach | -d) shift ;;
        --publish-all | -P | --read-only | --init | --privileged | --oom-kill-disable | --no-healthcheck | --sig-proxy)
            add_option "$word"
            shift ;;
        --*=*)
            add_option "${word%%=*}" "${word#*=}"
            shift ;;
        --* | -[a-z])
            (($# > 1)) || die "$word wants a value"
            add_option "$word" "$2"
            shift 2 ;;
        *) die "'$word' is not understood: write it as --option=value" ;;
        esac
    done
    (($#)) || die "which image? See --help"
    image=$1
    shift
    flags=("$@")
}

# Quoted for the shell, so that they come back as they were.
kept_words() {
    local array
    for array in net_words more_networks run_words flags; do
        declare -p "$array"
    done
}

recall_words() {
    local kept
    kept=$(look '{{index .Config.Labels "lb-upgrade-words"}}' "$anchor")
    [[ -n $kept ]] || die "nothing of the name '$name' runs here. Start it: deploy/upgrade.sh start [OPTION…] IMAGE [FLAG…]"
    kept=${kept//declare -a /declare -ga }
    eval "$kept"
}

# ---- the anchor --------------------------------------------------------------------------------------

# A tmpfs that anybody may make files in, as the engine keeps its folder from everybody but root.
ensure_volume() {
    "${docker[@]}" volume inspect "$volume" >/dev/null 2>&1 \
        || "${docker[@]}" volume create --label "$kin" --driver local --opt type=tmpfs --opt device=tmpfs \
            --opt o=mode=1777,size=1m "$volume" >/dev/null
}

start_anchor() {
    local network
    "${docker[@]}" run --detach --name "$anchor" --label "$kin" --label lb-upgrade-role=anchor \
        --label "lb-upgrade-words=$(kept_words)" --label lb.enable=false --restart unless-stopped "${secured[@]}" \
        --user 65534:65534 --no-healthcheck --stop-signal KILL --volume "$volume:$folder" "${net_words[@]}" \
        --entrypoint sleep "$image" infinity >/dev/null
    for network in "${more_networks[@]}"; do
        "${docker[@]}" network connect "$network" "$anchor"
    done
}

# ---- one lb ------------------------------------------------------------------------------------------

# The same restart policy on each would bring back the old one, which ends by itself when it has handed over.
policy() { "${docker[@]}" update --restart "$1" "$2" >/dev/null; }

# run_lb NAME: it ends if it cannot take over, and stays away.
run_lb() {
    "${docker[@]}" run --detach --name "$1" --label "$kin" --label lb-upgrade-role=lb --restart no "${secured[@]}" \
        --network "container:$anchor" --volume "$volume:$folder" "${run_words[@]}" \
        "$image" --handover "$folder/handover.sock" "${flags[@]}" >/dev/null
}

# Which socket lies there: who takes over lays another one in its place. Nothing: none does.
handover_socket() { "${docker[@]}" exec "$anchor" stat --format '%i %z' "$folder/handover.sock" 2>/dev/null || true; }

# wait_for_service NAME SOCKET: until it holds another socket than that one.
wait_for_service() {
    local end=$((SECONDS + ready_seconds)) now
    while ((SECONDS < end)); do
        container_is_running "$1" || return 1
        now=$(handover_socket)
        [[ -n $now && $now != "$2" ]] && return 0
        sleep 0.2
    done
    return 1
}

show_failure() {
    warn "$1 did not become ready. The end of its log:"
    "${docker[@]}" logs --tail 15 "$1" >&2 2>&1 || true
}

# wait_for_end NAME: it finishes what it has begun, and its status tells whether it was told to.
wait_for_end() {
    local end=$((SECONDS + drain_seconds))
    while container_is_running "$1"; do
        if ((SECONDS >= end)); then
            warn "$1 still runs after $drain_seconds s: ending it"
            "${docker[@]}" stop "$1" >/dev/null
        fi
        sleep 0.2
    done
    "${docker[@]}" rm "$1" >/dev/null
}

remove_dead() {
    local one
    for one in $(all_lbs); do
        container_is_running "$one" || "${docker[@]}" rm --force "$one" >/dev/null
    done
}

# ---- the verbs ---------------------------------------------------------------------------------------

begin_lb() {
    local new before
    remove_dead
    new=$(next_name)
    before=$(handover_socket)
    run_lb "$new" || die "docker could not start $image: nothing runs"
    if ! wait_for_service "$new" "$before"; then
        show_failure "$new"
        die "nothing runs; $anchor holds the ports"
    fi
    policy unless-stopped "$new"
    say "$new serves ($image)"
}

start() {
    if (($#)); then
        [[ -z $(look '{{.Id}}' "$anchor") ]] || die "$anchor is there: 'deploy/upgrade.sh IMAGE' replaces what runs, 'stop' ends it"
        read_words "$@"
        ensure_volume
        start_anchor || { "${docker[@]}" rm --force "$anchor" >/dev/null 2>&1; die "docker could not start the anchor"; }
    else
        recall_words
        image=$(look '{{.Config.Image}}' "$anchor")
        for one in $(all_lbs); do # the last one that ran
            image=$(look '{{.Config.Image}}' "$one")
            break
        done
        container_is_running "$anchor" || "${docker[@]}" start "$anchor" >/dev/null
        [[ -z $(serving) ]] || { say "$(serving | head -n 1) runs already"; return; }
    fi
    begin_lb
}

# back_to OLD NEW: as before.
back_to() {
    [[ -z $(look '{{.Id}}' "$2") ]] || "${docker[@]}" rm --force "$2" >/dev/null
    if ! container_is_running "$1"; then # it ended meanwhile, by itself
        "${docker[@]}" start "$1" >/dev/null
    fi
    policy unless-stopped "$1"
    die "$1 serves on ($(look '{{.Config.Image}}' "$1"))"
}

replace() {
    local old new before
    image=$1
    recall_words
    old=$(serving | head -n 1)
    if [[ -z $old ]]; then
        container_is_running "$anchor" || "${docker[@]}" start "$anchor" >/dev/null
        begin_lb
        return
    fi
    "${docker[@]}" image inspect "$image" >/dev/null 2>&1 || "${docker[@]}" pull "$image" || die "there is no image $image"
    new=$(next_name)
    before=$(handover_socket)
    policy no "$old"
    if ! run_lb "$new"; then
        back_to "$old" "$new"
    elif ! wait_for_service "$new" "$before"; then
        show_failure "$new"
        back_to "$old" "$new"
    fi
    policy unless-stopped "$new"
    say "$new serves ($image); $old finishes what it has begun"
    wait_for_end "$old"
    say "$old is removed"
}

stop() {
    local one
    mapfile -t containers < <(all_lbs)
    if ((${#containers[@]})); then
        for one in "${containers[@]}"; do policy no "$one"; done
        "${docker[@]}" stop "${containers[@]}" >/dev/null
        "${docker[@]}" rm --force "${containers[@]}" >/dev/null
    fi
    [[ -z $(look '{{.Id}}' "$anchor") ]] || "${docker[@]}" rm --force "$anchor" >/dev/null
    ! "${docker[@]}" volume inspect "$volume" >/dev/null 2>&1 || "${docker[@]}" volume rm "$volume" >/dev/null
    say "$name is ended"
}

(($#)) || { usage >&2; exit 2; }
case $1 in
--help | -h) usage; exit 0 ;;
esac
require_name "$name"
find_engine || die "no Docker engine answers"
case $1 in
start) start "${@:2}" ;;
stop) stop ;;
-*) usage >&2; exit 2 ;;
*)
    (($# == 1)) || { usage >&2; exit 2; }
    replace "$1" ;;
esac
