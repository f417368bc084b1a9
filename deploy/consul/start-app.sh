#!/usr/bin/env bash
# Adds one appserver to the running demo with Consul, in the foreground, until Ctrl-C.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
exec "$(dirname "$0")/../start-app.sh" "$@"
