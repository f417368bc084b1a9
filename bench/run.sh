#!/usr/bin/env bash
# Installs what is missing, builds, measures. bench/run.sh --help lists scenarios and flags.
set -euo pipefail
# shellcheck source=../deploy/lib.sh
. "$(dirname "$0")/../deploy/lib.sh"

bench_packages=(wrk haproxy nginx-light libnginx-mod-stream valgrind python3)

arguments=()
measures=yes
for argument; do
    case $argument in
    --yes | -y) assume_yes=yes ;;
    --help | -h | --report) measures=no arguments+=("$argument") ;;
    *) arguments+=("$argument") ;;
    esac
done

measure=(/usr/bin/python3 -B "$top/bench/main.py")
if [[ $measures == yes ]]; then
    ensure_packages "${build_packages[@]}" "${bench_packages[@]}"
    build_with release -DLB_BENCH=ON
    # The host's firewall rules (Docker's, for one) and other programs' connections would be measured
    # too: a network of its own has none. It needs root, or a kernel that lets users do it.
    for unshare in "unshare --net" "unshare --map-root-user --net"; do
        if $unshare true 2>/dev/null; then
            read -ra alone <<<"$unshare"
            measure=("${alone[@]}" "${measure[@]}" --own-network)
            break
        fi
    done
fi
exec "${measure[@]}" "${arguments[@]}"
