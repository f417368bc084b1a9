# shellcheck shell=bash
# What the scripts in deploy/ and tests/run.sh share: packages, the Docker engine, the images,
# the names of the demo. Sourced, never run by itself.
# shellcheck disable=SC2034  # some of the names are used only where this is sourced

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
assume_yes=no
policy_rc_d=/usr/sbin/policy-rc.d             # says to Debian's scripts whether services may start
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin    # dockerd is there, and Debian users do not have it

say()  { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die()  { warn "${0##*/}: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# ---- changing the machine: only with leave -------------------------------------------------------

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo -- "$@"; fi
}

# consent WHAT: --yes means yes, a human at a terminal is asked, anybody else means no, but for root,
# who builds images and the like.
consent() {
    local how='' answer
    if [[ $EUID -ne 0 ]]; then
        how=', with sudo'
        if ! have sudo; then
            warn "This needs root, and there is no sudo: $1"
            return 1
        fi
    fi
    if [[ $assume_yes == no && -t 0 ]]; then
        read -r -p "$1$how? [y/N] " answer
        [[ $answer == [yY]* ]] || return 1
    elif [[ $assume_yes == no && $EUID -ne 0 ]]; then
        warn "This needs a yes (run it on a terminal, or with --yes): $1"
        return 1
    fi
    [[ $EUID -eq 0 ]] || sudo -v
}

is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# missing_packages PACKAGE…: those not installed. "a|b" is fulfilled by either.
missing_packages() {
    local wish name
    for wish in "$@"; do
        for name in ${wish//|/ }; do
            is_installed "$name" && continue 2
        done
        printf '%s\n' "$wish"
    done
}

# ensure_packages PACKAGE…: of "a|b" it installs the first that this release of Debian has.
ensure_packages() {
    if ! have apt-get; then
        warn "No apt-get here: going on with what is installed. Needed (names of Debian): $*"
        return 0
    fi
    local missing wish name chosen=()
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -eq 0 ]] && return 0
    if ! consent "Install ${missing[*]}"; then
        warn "By hand, as root: apt-get install --no-install-recommends ${missing[*]%%|*}"
        return 1
    fi
    say "Installing ${missing[*]}"
    as_root apt-get update -qq || warn "apt-get update failed in part; trying all the same"
    for wish in "${missing[@]}"; do
        for name in ${wish//|/ }; do
            if apt-cache show "$name" >/dev/null 2>&1; then
                chosen+=("$name")
                continue 2
            fi
        done
        warn "Debian's package lists have no $wish"
        return 1
    done
    as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        "$top/deploy/apt-install.sh" "$policy_rc_d" "${chosen[@]}"
}

build_packages=(build-essential cmake ninja-build 'pkgconf|pkg-config' libuv1-dev 'libllhttp-dev|node-llhttp'
    libcurl4-openssl-dev libjansson-dev libpcre2-dev libyaml-dev libcrypt-dev
    libssl-dev libseccomp-dev zlib1g-dev)

# build_with PRESET [-DOPTION=VALUE…] [TARGET…]: quick when nothing changed; shows the compiler's words
# only when it fails.
build_with() {
    local preset=$1 log=$top/build/$1.log options=() targets=()
    shift
    while [[ ${1-} == -D* ]]; do
        options+=("$1")
        shift
    done
    (($#)) && targets=(--target "$@")
    mkdir -p "$top/build"
    if ! (cd "$top" && cmake --preset "$preset" "${options[@]}" && cmake --build --preset "$preset" "${targets[@]}") \
        >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        warn "The build failed; all of its output is in $log"
        return 1
    fi
}

# ---- the Docker engine ---------------------------------------------------------------------------

docker=(docker)

# Right after the installation of docker.io a user is not in the group docker yet: sudo then.
find_engine() {
    have docker || return 1
    docker=(docker)
    timeout 20 docker version >/dev/null 2>&1 && return 0
    [[ $EUID -eq 0 || -z ${DOCKER_HOST-} ]] || return 1
    [[ $EUID -ne 0 && -S /var/run/docker.sock ]] || return 1
    consent "Speak to the Docker engine" || return 1
    docker=(sudo docker)
    timeout 20 sudo docker version >/dev/null 2>&1
}

# wait_for_engine [PID]: until it answers, at most 30 s, or until process PID is gone.
wait_for_engine() {
    local end=$((SECONDS + 30))
    while ((SECONDS < end)); do
        as_root docker version >/dev/null 2>&1 && return 0
        [[ -z ${1-} || -d /proc/$1 ]] || return 1
        sleep 0.2
    done
    return 1
}

start_engine_by_systemd() {
    [[ -d /run/systemd/system ]] || return 1
    as_root systemctl start docker >/dev/null 2>&1 && wait_for_engine
}

start_engine_by_service() {
    have service && [[ -x /etc/init.d/docker ]] || return 1
    as_root service docker start >/dev/null 2>&1 </dev/null && wait_for_engine
}

# A session of its own, and none of our descriptors: it outlives this script and holds no pipe open.
start_engine_by_itself() {
    local log=/var/log/dockerd.log
    # shellcheck disable=SC2016
    as_root setsid sh -c 'exec dockerd >>"$1" 2>&1 </dev/null' sh "$log" >/dev/null 2>&1 </dev/null &
    disown # no job of this script: nothing that waits for its jobs waits for it
    wait_for_engine $! && say "Started dockerd; its log is $log" && return 0
    warn "dockerd does not start. The end of its log, $log:"
    as_root tail -n 3 "$log" >&2
    return 1
}

# A container without privileges lacks what dockerd needs (CAP_NET_ADMIN, CAP_SYS_ADMIN). Better known
# before a whole engine is installed in vain.
engine_could_run() {
    local rights
    rights=$((16#$(awk '$1 == "CapBnd:" { print $2 }' /proc/self/status)))
    ((rights >> 12 & rights >> 21 & 1)) && return 0
    warn "A Docker engine cannot run here: this is a container without privileges"
    return 1
}

# ensure_engine: afterwards "${docker[@]}" is a client that gets answers. Fails when no engine can be had.
ensure_engine() {
    find_engine && return 0
    if [[ -n ${DOCKER_HOST-} ]]; then
        warn "No Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
        return 1
    fi
    engine_could_run || return 1
    if ! have dockerd || ! have docker; then
        ensure_packages docker.io 'docker-cli|docker.io' ca-certificates || return 1
        find_engine && return 0
    fi
    if ! have dockerd; then
        warn "There is a docker client, but no engine (dockerd) to start"
        return 1
    fi
    consent "Start the Docker engine" || return 1
    say "Starting the Docker engine"
    start_engine_by_systemd || start_engine_by_service || start_engine_by_itself || return 1
    find_engine
}

# ---- images --------------------------------------------------------------------------------------

base_image=debian:trixie-slim

# What Debian's own image leaves out as well: texts that nobody reads in a container.
slim=('path-exclude=/usr/share/doc/*' 'path-include=/usr/share/doc/*/copyright'
    'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/info/*' 'path-exclude=/usr/share/locale/*')

make_base_image() {
    ensure_packages mmdebstrap debian-archive-keyring || return 1
    local folder status=0
    folder=$(mktemp -d)
    as_root mmdebstrap --quiet --variant=minbase "${slim[@]/#/--dpkgopt=}" trixie "$folder/base.tar" \
        && "${docker[@]}" import --change 'CMD ["bash"]' "$folder/base.tar" "$base_image" >/dev/null \
        || status=1
    as_root rm -rf "$folder"
    return $status
}

ensure_base_image() {
    "${docker[@]}" image inspect "$base_image" >/dev/null 2>&1 && return 0
    say "Pulling $base_image"
    timeout 300 "${docker[@]}" pull --quiet "$base_image" >/dev/null 2>&1 && return 0
    say "It cannot be pulled. Making it from Debian's packages, which takes about half a minute"
    make_base_image
}

image_options=()    # of docker build, for who wants them

# build_images TAG: lb:TAG and appserver:TAG.
build_images() {
    local target log
    ensure_base_image || return 1
    log=$(mktemp)
    for target in lb appserver; do
        if ! "${docker[@]}" build --file "$top/deploy/Dockerfile" --target "$target" "${image_options[@]}" \
            --tag "$target:$1" "$top" >"$log" 2>&1; then
            tail -n 40 "$log" >&2
            warn "The image $target could not be built; all of the output is in $log"
            return 1
        fi
    done
    rm "$log"
}

# ---- the demo ------------------------------------------------------------------------------------

# name_demo PREFIX: what its containers and its network are called. A prefix keeps two demos on one engine apart (and tests away
# from a demo).
name_demo() {
    prefix=$1
    network=${prefix}lb-demo
    label=lb-demo=$network
}

name_demo "${LB_DEMO_PREFIX-}"
tag=${LB_IMAGE_TAG-latest}
port=${LB_PORT-8000}
admin_port=${LB_ADMIN_PORT-8001}

container_is_running() {
    [[ $("${docker[@]}" container inspect --format '{{.State.Running}}' "$1" 2>/dev/null) == true ]]
}

# published_port PORT: where on this machine lb's port PORT is.
published_port() {
    "${docker[@]}" container inspect --format \
        "{{(index (index .NetworkSettings.Ports \"$1/tcp\") 0).HostPort}}" "${prefix}lb"
}

# require_name NAME: Docker's own rule for names, kept in both kinds of demo.
require_name() {
    [[ $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]+$ ]] \
        || die "'$1' is no name: a letter or digit, then letters, digits, '_', '.' or '-'"
}

# port_is_taken PORT: something on this machine accepts connections there.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

require_free_port() {
    port_is_taken "$1" && die "port $1 is in use. Choose another one: $2=$(($1 + 80)) ${0#"$top/"}"
    return 0
}

# The socket file, not its folder: /run holds the sockets of everything else on the host too. The
# price: where dockerd makes the socket itself *and* runs with live-restore, the file is dead in
# running containers after a restart of dockerd. deploy/DOCKER.md tells the way around that.
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
            "Use other names: LB_DEMO_PREFIX=demo- ${0#"$top/"}"
        container_is_running "$name" && return
        "${docker[@]}" rm --force "$name" >/dev/null
    fi
    "${docker[@]}" run --detach --name "$name" --network "$network" --label "$label" \
        --restart unless-stopped --read-only --cap-drop ALL --security-opt no-new-privileges \
        "$@" >/dev/null
}

# ensure_network: of the demo.
ensure_network() {
    "${docker[@]}" network inspect "$network" >/dev/null 2>&1 \
        || "${docker[@]}" network create --label "$label" "$network" >/dev/null
}

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
