#!/usr/bin/env bash
# Ends the demo with Consul: its containers and its network. The images stay.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
exec "$(dirname "$0")/../stop.sh" "$@"
