#!/bin/sh
# Starts Prometheus for one stack. Its file cannot read the environment, so the network's name is put in here: two stacks
# of one engine do not ask for each other's numbers. To be called with Prometheus' flags, and STACK_NETWORK.
set -eu
here=$(dirname "$0")
made=${STACK_MADE:-/run/prometheus}
mkdir -p "$made"
ln -sfn "$here/rules" "$made/rules"
ln -sfn "$here/targets" "$made/targets"
network=$(printf %s "${STACK_NETWORK:?}" | sed 's/\./\\\\./g')
sed "s/regex: \.\*lb-demo\$/regex: $network/" "$here/prometheus.yml" >"$made/prometheus.yml"
exec prometheus --config.file="$made/prometheus.yml" "$@"
