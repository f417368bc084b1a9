#!/usr/bin/env bash
# Builds one fuzz target with clang and lets it look for inputs that end it.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() {
    cat <<'END_OF_HELP'
tests/fuzz/run.sh TARGET [SECONDS]

TARGET is one of: request response exchange consul docker_lines file labels options rule config htpasswd membership pool_sequence access_line routes
sites cookie agent_list service_options proxy_header client_hello report tls. SECONDS is 60 if not given.
New inputs are kept in build/fuzz/found/TARGET. An input that ends the target is written to
build/fuzz/crash-TARGET-…; once the fault is mended it belongs into tests/fuzz/regression/TARGET.
END_OF_HELP
}

target=${1-} seconds=${2-60}
case $target in
request | response | access_line | cookie) dictionary=http ;;
tls) dictionary=client_hello ;;
agent_list | consul | exchange | docker_lines | file | htpasswd | labels | options | rule | config | membership | pool_sequence | proxy_header | client_hello | report | routes | service_options | sites) dictionary=$target ;;
--help | -h) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "fuzz_$target"
inputs=(build/fuzz/found/"$target" tests/fuzz/corpus/"$target")
[[ -d tests/fuzz/regression/$target ]] && inputs+=(tests/fuzz/regression/"$target")
mkdir -p "${inputs[0]}"

# A small quarantine keeps the memory warm, which doubles the speed.
export ASAN_OPTIONS=quarantine_size_mb=16${ASAN_OPTIONS:+:$ASAN_OPTIONS}
exec build/fuzz/fuzz/"fuzz_$target" -max_total_time="$seconds" -max_len=4096 -len_control=20 -print_final_stats=1 \
    -dict=tests/fuzz/"$dictionary".dict -artifact_prefix=build/fuzz/crash-"$target"- "${inputs[@]}"
