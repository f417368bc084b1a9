#!/usr/bin/env bash
# Starts the demo with Consul: an agent in dev mode, lb, which tells it what runs and asks it who is there, and two
# appservers. Run it again as often as you like: what runs stays as it is.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

usage() {
    cat <<'END'
deploy/consul/start.sh [--yes]

Starts a Consul agent in dev mode, lb and two appservers on Docker. Installs what is missing, a Docker
engine too, and builds the images; Consul's is made of the package of Debian 11.

  --yes   do not ask before installing something

Environment:
  LB_PORT          where lb listens (8000)
  LB_ADMIN_PORT    where its admin pages are, on this machine only (8001)
  CONSUL_PORT      where Consul's API and its pages are, on this machine only (8500)
  CONSUL_DNS_PORT  where Consul answers DNS, on this machine only (8600)
  CONSUL_IMAGE     an image of Consul to use, for example hashicorp/consul; else one is made
  LB_IMAGE_TAG     the tag of the images that are built (latest)
  LB_DEMO_PREFIX   a prefix for the names of containers and network, to run a second demo

deploy/consul/start-app.sh adds an appserver, deploy/consul/stop.sh ends it all.
END
}

while (($#)); do
    case $1 in
    --yes | -y) assume_yes=yes ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done

consul_port=${CONSUL_PORT-8500}
dns_port=${CONSUL_DNS_PORT-8600}
agent=${prefix}agent

# ---- what runs -----------------------------------------------------------------------------------

# In dev mode an agent is a server too, and keeps all in memory. It is asked from this machine and from the demo's network.
# shellcheck disable=SC2016 # the template is Consul's
run_agent() {
    run_container "$agent" --env SERVICE_IGNORE=yes --publish "127.0.0.1:$consul_port:8500" \
        --publish "127.0.0.1:$dns_port:8600" --publish "127.0.0.1:$dns_port:8600/udp" \
        --user 10002 --entrypoint consul "$consul_image" agent -dev -ui -node "$agent" -client 0.0.0.0 \
        -bind '{{ GetInterfaceIP "eth0" }}' -log-level warn
}

wait_for_leader() {
    local end=$((SECONDS + 60))
    until curl --silent --max-time 5 "http://127.0.0.1:$consul_port/v1/status/leader" | grep --quiet ':'; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

# What runs here is told to Consul with the addresses of the demo's network, on which lb is as well. With several machines
# it would be published ports: --advertise in the place of --register-internal. lb itself is the service proxy.
run_lb() {
    local socket group
    socket=$(engine_socket)
    group=$(socket_group "$socket")
    run_container "${prefix}lb" --publish "$port:8000" --publish "127.0.0.1:$admin_port:8001" \
        --volume "$socket:/var/run/docker.sock" --group-add "$group" \
        --env "CONSUL_HTTP_ADDR=http://$agent:8500" \
        "lb:$tag" --docker --consul --register --register-internal \
        --default-route appserver --admin 0.0.0.0:8001 --admin-open=read
}

# of_published NAME PORT: where on this machine that port of the container is.
of_published() {
    "${docker[@]}" container inspect --format "{{(index (index .NetworkSettings.Ports \"$2\") 0).HostPort}}" "$1"
}

start_all() {
    local name all_run=yes
    for name in "$agent" "${prefix}"{lb,appserver1,appserver2}; do
        container_is_running "$name" || all_run=no
    done
    if [[ $all_run == yes ]]; then
        # It may run on other ports than a plain call would choose.
        port=$(published_port 8000)
        admin_port=$(published_port 8001)
        consul_port=$(of_published "$agent" 8500/tcp)
        dns_port=$(of_published "$agent" 8600/udp)
        say "The demo with Consul is running already (deploy/consul/stop.sh ends it)"
        return
    fi
    if ! container_is_running "${prefix}lb"; then
        require_free_port "$port" LB_PORT
        require_free_port "$admin_port" LB_ADMIN_PORT
    fi
    if ! container_is_running "$agent"; then
        require_free_port "$consul_port" CONSUL_PORT
        require_free_port "$dns_port" CONSUL_DNS_PORT
    fi
    ensure_consul_image || exit 1
    say "Building the images lb and appserver (a few minutes the first time)"
    build_images "$tag" || exit 1
    ensure_network
    run_agent
    if ! wait_for_leader; then
        "${docker[@]}" logs --tail 20 "$agent" >&2
        die "Consul does not answer at http://127.0.0.1:$consul_port; above is the end of its log"
    fi
    run_lb
    run_container "${prefix}appserver1" "appserver:$tag"
    run_container "${prefix}appserver2" "appserver:$tag"
    say "Running on Docker, network $network: $agent, ${prefix}lb, ${prefix}appserver1, ${prefix}appserver2"
}

# ---- what it shows -------------------------------------------------------------------------------

catalog() {
    curl --silent --max-time 5 "http://127.0.0.1:$consul_port/v1/health/service/appserver?passing=1&pretty"
}

# wait_for_catalog COUNT: until Consul knows so many appservers that are well.
wait_for_catalog() {
    local end=$((SECONDS + 60))
    until (($(catalog | grep --count '"Service": {') >= $1)); do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

show_names() {
    if ! have dig; then
        say "Consul answers DNS at port $dns_port (apt-get install bind9-dnsutils brings dig):" \
            "dig @127.0.0.1 -p $dns_port appserver.service.consul"
        return
    fi
    say "dig @127.0.0.1 -p $dns_port +short appserver.service.consul says"
    dig @127.0.0.1 -p "$dns_port" +short appserver.service.consul | sed 's/^/    /'
}

show_urls() {
    cat <<END
The pages:
    http://localhost:$port/            the appservers, in turn
    http://localhost:$admin_port/            lb: endpoints, states, rates and what changed
    http://localhost:$admin_port/explain     who gets requests, who does not, and what would change it
    http://localhost:$consul_port/ui/         Consul: services, their checks, keys and values
    http://localhost:$consul_port/v1/health/service/appserver
And
    dig @127.0.0.1 -p $dns_port appserver.service.consul SRV
Add an appserver with deploy/consul/start-app.sh (Ctrl-C takes it out again), end it all with
deploy/consul/stop.sh.
END
}

have curl || { ensure_packages curl && have curl; } || die "curl is needed to show the answers"
ensure_engine || die "this demo needs a Docker engine; deploy/start.sh --no-docker has one without (and without Consul)"
start_all
if ! show_answers 2; then
    "${docker[@]}" logs --tail 20 "${prefix}lb" >&2
    die "no answers from two appservers; above is the end of lb's log"
fi
if ! wait_for_catalog 2; then
    "${docker[@]}" logs --tail 20 "${prefix}lb" >&2
    die "Consul does not know of two appservers; above is the end of lb's log"
fi
show_names
show_urls
