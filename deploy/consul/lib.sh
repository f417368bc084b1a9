# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the names of deploy/lib.sh, and some set for start.sh
# The demo with Consul is the demo with another prefix: consul-lb, consul-appserver1 and so on, on a network of their own.
# Sourced before deploy/lib.sh.
export LB_DEMO_PREFIX=${LB_DEMO_PREFIX-}consul-
