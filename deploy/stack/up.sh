# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the names of deploy/lib.sh and lib.sh, and one that is for them
# start_stack: brings up the parts that are asked for. Sourced after lib.sh beside it, by deploy/start.sh.

# ---- which parts -----------------------------------------------------------------------------------

# running_parts: those of which a container runs. They stay.
running_parts() {
    local name
    for name in "${services[@]}"; do
        container_is_running "$prefix$name" && printf '%s\n' "${part_of[$name]}"
    done | sort --unique
}

# choose_parts LIST: into the array parts, with those that run.
choose_parts() {
    local part asked=()
    IFS=', ' read -r -a asked <<<"$1"
    ((${#asked[@]})) || asked=("${stack_parts[@]}")
    for part in "${asked[@]}"; do
        [[ " ${stack_parts[*]} " == *" $part "* ]] || die "there is no part '$part'; the parts are ${stack_parts[*]}"
    done
    mapfile -t parts < <({ printf '%s\n' "${asked[@]}" && running_parts; } | grep --invert-match --line-regexp core | sort --unique)
}

# services_of PART…: and of the core.
services_of() {
    local name
    for name in "${services[@]}"; do
        [[ " core $* " != *" ${part_of[$name]} "* ]] || printf '%s\n' "$name"
    done
}

# is_there SERVICE: it is among those that are started.
is_there() { [[ " ${chosen[*]} " == *" $1 "* ]]; }

# What lb and the others do differently with a part, where what it takes is there.
choose_files() {
    compose_files=(--file "$stack/docker-compose.yml")
    is_there consul && compose_files+=(--file "$stack/docker-compose.consul.yml")
    if is_there glitchtip || [[ $(recorded STACK_SENTRY_DSN) != *@glitchtip:8000/1 ]]; then
        compose_files+=(--file "$stack/docker-compose.sentry.yml")
    fi
    is_there logstash && compose_files+=(--file "$stack/docker-compose.gelf.yml")
    [[ ! -f $stack_state/images.yml ]] || compose_files+=(--file "$stack_state/images.yml")
}

# ---- until all are well ------------------------------------------------------------------------------

# conditions: "SERVICE well" or "SERVICE what-it-is" for each container that there is.
conditions() {
    local name status health code
    "${docker[@]}" container inspect --format \
        '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}}' \
        "${chosen[@]/#/$prefix}" 2>/dev/null | while read -r name status health code; do
        [[ -n $name ]] || continue
        name=${name#"/$prefix"}
        if [[ ${is_job[$name]} == yes && $status == exited && $code == 0 ]]; then
            status=well
        elif [[ ${is_job[$name]} == no && $status == running && $health == healthy ]]; then
            status=well
        elif [[ $status == running && $health != - ]]; then
            status=$health
        fi
        printf '%s %s\n' "$name" "$status"
    done
}

# wait_until_well PID SECONDS: of all in chosen, while PID (compose) starts them. Fails with who is not.
wait_until_well() {
    local began=$SECONDS name condition well told=' ' compose_status=running
    local -A now=()
    while true; do
        if [[ $compose_status == running ]] && ! kill -0 "$1" 2>/dev/null; then
            if wait "$1"; then compose_status=0; else compose_status=$?; fi
        fi
        now=() well=0
        while read -r name condition; do now[$name]=$condition; done < <(conditions)
        for name in "${chosen[@]}"; do
            [[ ${now[$name]-} == well ]] || continue
            well=$((well + 1))
            [[ $told == *" $name "* ]] || say "    well after $((SECONDS - began)) s: $name"
            told+="$name "
        done
        # Only then is nobody replaced any more.
        [[ $compose_status == 0 ]] && ((well == ${#chosen[@]})) && return 0
        [[ $compose_status == running || $compose_status == 0 ]] || break
        ((SECONDS - began < $2)) || break
        sleep 0.5
    done
    for name in "${chosen[@]}"; do
        [[ ${now[$name]-} == well ]] && continue
        warn "$name is not well: ${now[$name]-it was not started}. The end of its log:"
        "${docker[@]}" logs --tail 5 "$prefix$name" >&2 2>&1 || true
    done
    return 1
}

bring_up() {
    local log=$stack_state/compose.log command pid patience=180
    is_there elasticsearch && patience=900
    is_there glitchtip && patience=900
    say "Starting ${#chosen[@]} containers; what runs as it should stays"
    compose_command up --detach "${chosen[@]}"
    "${command[@]}" >"$log" 2>&1 </dev/null &
    pid=$!
    wait_until_well "$pid" "$patience" && return
    kill "$pid" 2>/dev/null || true # it starts nothing more behind our back
    warn "The end of what compose said ($log):"
    tail -n 5 "$log" >&2
    die "not all of the stack came up; deploy/stop.sh ends it"
}

# ---- the end -------------------------------------------------------------------------------------------

show_page() { printf '    http://localhost:%-18s %s\n' "$(recorded "$1")$2" "$3"; }

show_pages() {
    say "The pages, all but the first on this machine only:"
    show_page LB_PORT / "the appservers, in turn"
    show_page LB_ADMIN_PORT / "lb: endpoints, states, rates and what changed"
    is_there kibana && show_page KIBANA_PORT / "Kibana: lines of all containers, a dashboard"
    is_there glitchtip && show_page SENTRY_PORT / "GlitchTip: admin@example.com, STACK_SENTRY_PASSWORD"
    is_there consul && show_page CONSUL_PORT /ui/ "Consul: services and their checks"
    is_there grafana && show_page GRAFANA_PORT / "Grafana: admin, STACK_GRAFANA_PASSWORD"
    is_there prometheus && show_page PROMETHEUS_PORT / "Prometheus: targets, rules, expressions"
    is_there alertmanager && show_page ALERTMANAGER_PORT / "Alertmanager"
    cat <<END_OF_PAGES
The passwords are in $settings, which is yours alone.
docker exec ${prefix}lb lb explain      who gets requests, who does not, and what would change it
LB_DEMO_PREFIX=$prefix deploy/start-app.sh     one more appserver, until Ctrl-C
${LB_DEMO_PREFIX:+LB_DEMO_PREFIX=$LB_DEMO_PREFIX }deploy/stop.sh     ends it all; what it has stored stays (--volumes removes that too)
END_OF_PAGES
}

show_left_out() {
    local name
    ((${#left_out[@]})) || return 0
    say "Left out:"
    for name in "${!left_out[@]}"; do printf '    %-16s %s\n' "$name" "${left_out[$name]}"; done | sort
}

# start_stack LIST: all parts where the list is empty.
start_stack() {
    local parts=() chosen=() name socket group
    have curl || { ensure_packages curl && have curl; } || die "curl is needed to show the answers"
    ensure_engine || die "the stack needs a Docker engine"
    ensure_compose || exit 1
    socket=$(engine_socket)
    require_known_volumes
    ensure_base_image || exit 1
    group=$(socket_group "$socket")
    write_settings "$group" "$("${docker[@]}" info --format '{{.DockerRootDir}}')"
    read_services
    choose_parts "$1"
    check_memory "${parts[@]}"
    mapfile -t chosen < <(services_of "${parts[@]}")
    check_ports "${chosen[@]}"
    say "Building the images lb and appserver (a few minutes the first time)"
    build_images "$tag" || exit 1
    provide_images "${chosen[@]}"
    leave_out_dependants "${chosen[@]}"
    for name in "${!left_out[@]}"; do mapfile -t chosen < <(printf '%s\n' "${chosen[@]}" | grep --invert-match --line-regexp "$name"); done
    is_there elasticsearch && check_map_count
    choose_files
    bring_up
    port=$(recorded LB_PORT)
    show_answers 2 || die "no answers from two appservers: docker logs ${prefix}lb"
    show_pages
    show_left_out
}
