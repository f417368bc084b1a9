#!/usr/bin/env bash
# Starts the demo: lb on port 8000 and its appservers. Run it again as often as you like: what runs
# stays as it is.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=embedded.sh
. "$top/deploy/embedded.sh"
# shellcheck source=tls.sh
. "$top/deploy/tls.sh"

usage() {
    cat <<'END'
deploy/start.sh [--yes] [--tls] [--no-docker | --stack [PART,…] [--force]]

Starts lb and two appservers on Docker: a network, three containers. Installs what is missing, a
Docker engine too, and builds the images. Where no engine can be had it runs lb and three local
appservers instead.

  --yes         do not ask before installing something
  --tls         by HTTPS too, with a certificate for localhost of an authority that is made for it
  --no-docker   local processes, even if there is a Docker engine
  --stack       lb, two appservers, and around them all of these parts, or those that are named:
                  elk      Elasticsearch, Logstash, Kibana: the lines of all containers
                  sentry   GlitchTip, with PostgreSQL and Redis behind lb: incidents, exceptions
                  consul   a Consul server and its pages: what runs
                  metrics  Prometheus, Alertmanager, Grafana, cAdvisor, node-exporter
                Run again with another part, that comes to those that run. deploy/stack/README.md
  --force       with --stack: although the memory may not suffice

Environment:
  LB_PORT         where lb listens (8000)
  LB_TLS_PORT     where it listens with --tls (8443)
  LB_ADMIN_PORT   where its admin pages are, on this machine only (8001)
  LB_IMAGE_TAG    the tag of the images that are built (latest)
  LB_DEMO_PREFIX  a prefix for the names of containers and network, to run a second demo
  KIBANA_PORT, GELF_PORT, SENTRY_PORT, CONSUL_PORT, PROMETHEUS_PORT, ALERTMANAGER_PORT, GRAFANA_PORT
                  with --stack: ports on this machine only (5601, 12201, 9000, 8500, 9090, 9093, 3000)
  STACK_SENTRY_DSN  with --stack sentry: another server than the stack's GlitchTip

deploy/start-app.sh adds an appserver, deploy/stop.sh ends it all.
END
}

with_docker=yes
with_stack=no
with_tls=no
asked_parts=
force=no
while (($#)); do
    case $1 in
    --yes | -y) assume_yes=yes ;;
    --no-docker) with_docker=no ;;
    --tls) with_tls=yes ;;
    --force) force=yes ;;
    --stack=*) with_stack=yes asked_parts=${1#*=} ;;
    --stack)
        with_stack=yes
        if [[ ${2--} != -* ]]; then
            asked_parts=$2
            shift
        fi
        ;;
    --help | -h) usage; exit 0 ;;
    *)
        usage >&2
        warn "start.sh: '$1' is not understood (above is what is); several parts have commas between them"
        exit 2
        ;;
    esac
    shift
done

# ---- on Docker -----------------------------------------------------------------------------------

# Inside its container lb's admin pages listen on all addresses, because 127.0.0.1 there is not
# ours; they are published on our 127.0.0.1 only. The appservers are on that network too: they may
# read, and give no orders. docker exec lb lb ctl … does, or a token (deploy/DOCKER.md).
run_lb() {
    local socket group options=() words=()
    socket=$(engine_socket)
    group=$(socket_group "$socket")
    if [[ $with_tls == yes ]]; then
        options=(--publish "$tls_port:8443" --volume "$certificates:/certificates:ro" --group-add "$(id -g)")
        words=("${tls_words[@]}")
    fi
    run_container "${prefix}lb" --publish "$port:8000" --publish "127.0.0.1:$admin_port:8001" \
        --volume "$socket:/var/run/docker.sock" --group-add "$group" "${options[@]}" \
        "lb:$tag" --default-route appserver --admin 0.0.0.0:8001 --admin-open=read "${words[@]}"
}

# The port of the lb that runs already; it may have been started without --tls.
find_tls_port() {
    [[ $with_tls == yes ]] || return 0
    tls_port=$(published_port 8443 2>/dev/null) || refuse_without_tls
    [[ -n $tls_port ]] || refuse_without_tls
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
        find_tls_port
        return
    fi
    ! container_is_running "${prefix}lb" || find_tls_port
    if ! container_is_running "${prefix}lb"; then
        require_free_port "$port" LB_PORT
        require_free_port "$admin_port" LB_ADMIN_PORT
        [[ $with_tls == no ]] || require_free_port "$tls_port" LB_TLS_PORT
    fi
    say "Building the images lb and appserver (a few minutes the first time)"
    build_images "$tag" || exit 1
    ensure_network
    run_lb
    run_container "${prefix}appserver1" "appserver:$tag"
    run_container "${prefix}appserver2" "appserver:$tag"
    say "Running on Docker, network $network: ${prefix}lb, ${prefix}appserver1, ${prefix}appserver2"
}

# ---- what both end with --------------------------------------------------------------------------

show_urls() {
    local secure=''
    [[ $with_tls == no ]] || secure="
    https://localhost:$tls_port/           the same by HTTPS: curl --cacert $authority"
    cat <<END
The pages:
    http://localhost:$port/            the appservers, in turn$secure
    http://localhost:$admin_port/            live: endpoints, states, rates and what changed
    http://localhost:$admin_port/explain     who gets requests, who does not, and what would change it
    http://localhost:$admin_port/pool        the same in numbers
    http://localhost:$admin_port/healthz     is lb well?
Add an appserver with deploy/start-app.sh (Ctrl-C takes it out again), end it all with deploy/stop.sh.
END
}

if [[ $with_stack == yes ]]; then
    [[ $with_docker == yes ]] || die "the stack needs Docker"
    # shellcheck source=stack/lib.sh
    . "$top/deploy/stack/lib.sh"
    # shellcheck source=stack/up.sh
    . "$top/deploy/stack/up.sh"
    start_stack "$asked_parts"
    exit 0
fi

[[ $with_tls == no ]] || make_certificates
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
