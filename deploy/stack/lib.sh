# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the names of deploy/lib.sh, which this is sourced after
# The whole stack, for deploy/start.sh --stack: which parts there are, what is pulled, what is made, what waits for what. It is the
# demo with another prefix: stack-lb, stack-appserver1 and so on, on a network of their own.

stack=$top/deploy/stack
stack_parts=(elk sentry consul metrics)
name_demo "${prefix}stack-"

# What lasts as long as the volumes do: secrets, ports, which images are Debian's. No file of it is for others.
stack_state=${XDG_STATE_HOME:-$HOME/.local/state}/lb/$network
settings=$stack_state/settings.env

# Variable, port, and the service that has it.
stack_ports=("LB_PORT 8000 lb" "LB_ADMIN_PORT 8001 lb" "KIBANA_PORT 5601 kibana" "GELF_PORT 12201 logstash"
    "SENTRY_PORT 9000 glitchtip" "CONSUL_PORT 8500 consul" "PROMETHEUS_PORT 9090 prometheus"
    "ALERTMANAGER_PORT 9093 alertmanager" "GRAFANA_PORT 3000 grafana")
stack_secrets=(STACK_KIBANA_KEY STACK_POSTGRES_PASSWORD STACK_REDIS_PASSWORD STACK_GLITCHTIP_KEY STACK_SENTRY_KEY
    STACK_SENTRY_PASSWORD STACK_GRAFANA_PASSWORD)

# ---- settings --------------------------------------------------------------------------------------

random_word() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# recorded NAME: what the file of settings says of it.
recorded() { [[ ! -f $settings ]] || sed -n "s/^$1=//p" "$settings"; }

# A database knows the password that it was made with.
require_known_volumes() {
    local volumes
    [[ -f $settings ]] && return
    volumes=$("${docker[@]}" volume ls --quiet --filter "label=$label")
    [[ -z $volumes ]] || die "there are volumes of this stack, but $settings, which has their passwords, is gone." \
        "deploy/stop.sh --volumes removes them, and all that is in them"
}

# The environment counts, then what was said the last time, then the default. Secrets are made once.
write_settings() {
    local name default value line lines=()
    for line in "${stack_ports[@]}"; do
        read -r name default _ <<<"$line"
        value=${!name-}
        lines+=("$name=${value:=$(recorded "$name")}")
        [[ -n $value ]] || lines[-1]="$name=$default"
    done
    for name in "${stack_secrets[@]}"; do
        value=$(recorded "$name")
        lines+=("$name=${value:-$(random_word)}")
    done
    value=${STACK_SENTRY_DSN-$(recorded STACK_SENTRY_DSN)}
    [[ -n $value ]] || value=http://$(printf '%s\n' "${lines[@]}" | sed -n 's/^STACK_SENTRY_KEY=//p')@glitchtip:8000/1
    lines+=("STACK_SENTRY_DSN=$value" "STACK_PREFIX=$prefix" "LB_IMAGE_TAG=$tag" "DOCKER_GID=$1" "DOCKER_ROOT=$2")
    mkdir -p "$stack_state"
    chmod 700 "$stack_state"
    (umask 077 && printf '%s\n' "${lines[@]}" >"$settings.new" && mv "$settings.new" "$settings")
}

# ---- compose ---------------------------------------------------------------------------------------

compose=()
compose_files=()

find_compose() {
    if "${docker[@]}" compose version >/dev/null 2>&1; then
        compose=("${docker[@]}" compose)
    elif have docker-compose; then
        compose=(docker-compose)
        [[ ${docker[0]} != sudo ]] || compose=(sudo docker-compose)
    else
        return 1
    fi
}

ensure_compose() {
    find_compose && return 0
    ensure_packages 'docker-compose|docker-compose-v2' && find_compose && return 0
    warn "There is no compose here: neither 'docker compose' (v2) nor docker-compose 1.29"
    return 1
}

# compose_command WORD…: into the array command, with what the environment says left out, as the settings are in the file.
compose_command() {
    local part words=() clean=() name
    for part in "${stack_parts[@]}"; do words+=(--profile "$part"); done
    for name in $(sed -n 's/=.*//p' "$settings") COMPOSE_FILE COMPOSE_PROFILES COMPOSE_PROJECT_NAME; do clean+=(-u "$name"); done
    command=(env "${clean[@]}" "${compose[@]}" --project-name "$(printf %s "${prefix}lb" | tr '[:upper:].' '[:lower:]-')"
        --project-directory "$stack" --env-file "$settings" "${words[@]}" "${compose_files[@]}" "$@")
}

compose_with() {
    local command
    compose_command "$@"
    "${command[@]}"
}

# read_services: arrays by service, from what compose makes of the file.
declare -A part_of image_of bytes_of needs_of is_job
services=()
read_services() {
    local name part image memory needs job text
    text=$(compose_files=(--file "$stack/docker-compose.yml") && compose_with config) || die "compose refuses docker-compose.yml (above)"
    services=()
    while IFS='|' read -r name part image memory needs job; do
        services+=("$name")
        part_of[$name]=$part image_of[$name]=$image needs_of[$name]=$needs is_job[$name]=$job
        bytes_of[$name]=$(numfmt --from=iec "${memory^^}")
    done < <(awk -f "$stack/services.awk" <<<"$text" | sort)
}

# ---- memory and the like -----------------------------------------------------------------------------

megabytes() { printf '%d MB' $(($1 / 1048576)); }

# limits_of PART…: the sum of their services' limits; a job ends before others have begun to need theirs.
limits_of() {
    local name sum=0
    for name in "${services[@]}"; do
        [[ " $* " != *" ${part_of[$name]} "* || ${is_job[$name]} == yes ]] || sum=$((sum + bytes_of[$name]))
    done
    printf '%d' "$sum"
}

available_bytes() { printf '%d' $(($(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) * 1024)); }

# check_memory PART…: what is to be started must fit into what is available; what runs has its memory already.
check_memory() {
    local available wanted=0 name part rest fits=()
    available=$(available_bytes)
    for name in "${services[@]}"; do
        [[ " core $* " == *" ${part_of[$name]} "* && ${is_job[$name]} == no ]] || continue
        container_is_running "$prefix$name" || wanted=$((wanted + bytes_of[$name]))
    done
    say "Memory: the limits of what is to be started add up to $(megabytes "$wanted"); $(megabytes "$available") are available"
    ((wanted <= available)) && return
    rest=$((available - $(limits_of core)))
    for part in consul metrics sentry elk; do
        (($(limits_of "$part") <= rest)) || continue
        fits+=("$part")
        rest=$((rest - $(limits_of "$part")))
    done
    say "That may be too little."
    ((${#fits[@]} == 0)) || say "What fits: deploy/start.sh --stack $(IFS=, && printf '%s' "${fits[*]}")"
    [[ $force == yes ]] || die "not enough memory; --force starts it all the same"
}

check_map_count() {
    local count
    count=$(</proc/sys/vm/max_map_count)
    ((count >= 262144)) || warn "Elasticsearch wants vm.max_map_count to be 262144, and it is $count. It starts, but may fail with" \
        "many indices. The remedy: sudo sysctl -w vm.max_map_count=262144 (and a line of it in /etc/sysctl.d to keep it)"
}

# check_ports SERVICE…: of those that do not run yet.
check_ports() {
    local line name service number others=()
    for line in "${stack_ports[@]}"; do
        read -r name _ service <<<"$line"
        [[ " $* " == *" $service "* ]] || continue
        container_is_running "$prefix$service" && continue
        number=$(recorded "$name")
        if [[ $name == GELF_PORT ]]; then udp_is_taken "$number" || continue; else port_is_taken "$number" || continue; fi
        warn "port $number is in use, which $service would have ($name)"
        others+=("$name=$((number + 80))")
    done
    ((${#others[@]} == 0)) || die "nothing was started. deploy/stop.sh ends what another demo has, or choose other ports:" \
        "${LB_DEMO_PREFIX:+LB_DEMO_PREFIX=$LB_DEMO_PREFIX }${others[*]} deploy/start.sh --stack …"
}

udp_is_taken() { awk -v port="$(printf '%04X' "$1")" '$2 ~ ":" port "$" { found = 1 } END { exit !found }' /proc/net/udp; }

# ---- images --------------------------------------------------------------------------------------------

pull_patience=1800    # seconds

image_is_here() { "${docker[@]}" image inspect "$1" >/dev/null 2>&1; }

# of_debian FILE SERVICE: the image that the file puts in the place of the official one.
of_debian() { [[ ! -f $1 ]] || awk -v name="$2:" '$1 == name { mine = 1; next } mine && $1 == "image:" { print $2; exit }' "$1"; }

pull() {
    local words status=0
    words=$(timeout "$pull_patience" "${docker[@]}" pull --quiet "$1" 2>&1 >/dev/null </dev/null) || status=$?
    case $status in
    0) say "    pulled            $1" ;;
    124) say "    cannot be pulled  $1: it took longer than $pull_patience s" ;;
    *) words=${words##*$'\n'} && say "    cannot be pulled  $1: ${words#Error response from daemon: }" ;;
    esac
}

# pull_all IMAGE…: all at once.
pull_all() {
    local image
    say "Pulling $# images, as far as that can be done"
    for image; do pull "$image" & done
    wait
}

# make_debian_images: all of them.
make_debian_images() {
    local image images
    mapfile -t images < <(sed -n 's/^ *image: //p' "$stack/docker-compose.debian.yml")
    for image in "${images[@]}"; do make_image "$image" || return 1; done
}

# make_image IMAGE: of Debian's packages, where it is not there, or was made of other instructions.
make_image() {
    local target=${1#lb-stack/} log made_of
    made_of=$(cat "$stack"/debian/* | cksum)
    [[ $("${docker[@]}" image inspect --format '{{index .Config.Labels "made-of"}}' "$1" 2>/dev/null) == "$made_of" ]] && return
    say "    making $1 of Debian's packages"
    ensure_base_image || return 1
    log=$(mktemp)
    if ! "${docker[@]}" build --target "${target%:*}" --tag "$1" --label "made-of=$made_of" "${image_options[@]}" "$stack/debian" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        warn "$1 cannot be made; all of the output is in $log"
        return 1
    fi
    rm "$log"
}

# provide_images SERVICE…: afterwards left_out[SERVICE] says why there is none for it.
declare -A left_out=() # even where nothing is left out: bash takes an empty one for unset
provide_images() {
    local name image debian before=$stack_state/images.yml missing=() lines=()
    for name; do
        image=${image_of[$name]} debian=$(of_debian "$before" "$name")
        # What was made and runs stays, until somebody has pulled the other one.
        if image_is_here "$image" || { [[ -n $debian ]] && image_is_here "$debian"; }; then continue; fi
        [[ " ${missing[*]} " == *" $image "* ]] || missing+=("$image")
    done
    ((${#missing[@]} == 0)) || pull_all "${missing[@]}"
    for name; do
        image=${image_of[$name]}
        image_is_here "$image" && continue
        debian=$(of_debian "$stack/docker-compose.debian.yml" "$name")
        if [[ -n $debian ]] && make_image "$debian"; then
            lines+=("  $name:" "    image: $debian")
            say "    $name runs on $debian"
        else
            left_out[$name]="$image cannot be pulled"
        fi
    done
    ((${#lines[@]} == 0)) || lines=("services:" "${lines[@]}")
    printf '%s\n' "${lines[@]}" >"$before.new" && mv "$before.new" "$before"
    [[ -s $before && ${#lines[@]} -gt 0 ]] || rm -f "$before"
}

# leave_out_dependants SERVICE…: whoever waits for what is not there.
leave_out_dependants() {
    local name need again=yes
    while [[ $again == yes ]]; do
        again=no
        for name; do
            [[ -z ${left_out[$name]-} ]] || continue
            for need in ${needs_of[$name]//,/ }; do
                [[ -n ${left_out[$need]-} ]] || continue
                left_out[$name]="it needs $need"
                again=yes
            done
        done
    done
}
