#!/usr/bin/env bash
# Shows lb's traffic in Logstalgia: each request flies to the container that gets it. deploy/logstalgia.sh --help
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

packages=(logstalgia python3)
arguments=()
source=container
for argument; do
    case $argument in
    --yes | -y) assume_yes=yes ;;
    --help | -h) exec /usr/bin/env python3 -B "$top/deploy/logstalgia.py" --help ;;
    --file*) source=file arguments+=("$argument") ;;
    --picture* | --frames*) packages+=(xvfb libgl1-mesa-dri) arguments+=("$argument") ;;
    *) arguments+=("$argument") ;;
    esac
done

ensure_packages "${packages[@]}" || exit 1
if [[ $source == container ]]; then
    find_engine || die "no Docker engine answers here; --file FILE follows a file"
    export LB_DOCKER="${docker[*]}" LB_CONTAINER="${prefix}lb"
fi
PATH=$PATH:/usr/games exec /usr/bin/env python3 -B "$top/deploy/logstalgia.py" "${arguments[@]}"
