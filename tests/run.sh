#!/usr/bin/env bash
# Installs what is missing, builds, runs every test. The exit code tells whether all of it passed.
set -euo pipefail
# shellcheck source=../deploy/lib.sh
. "$(dirname "$0")/../deploy/lib.sh"
cd "$top"

usage() {
    cat <<'END'
tests/run.sh [--yes] [--quick]

Builds release and with the address, undefined-behaviour and thread sanitizers, and runs the unit
tests, the fuzz corpora, the checks of the source, the scenario and conformance tests, and the tests
on a real Docker engine, with two minutes of chaos. A test that fails is run once more by itself at
the end; if it passes then, the summary calls it flaky. More than three such tests are a failure.

  --yes     do not ask before installing something
  --quick   the release build only, and nothing on Docker

With CI=true in the environment a missing Docker engine is a failure; else those tests are left out.
END
}

quick=no
for argument; do
    case $argument in
    --yes | -y) assume_yes=yes ;;
    --quick) quick=yes ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
done

test_packages=(libcmocka-dev python3-pytest python3-pytest-xdist curl wrk iproute2 procps strace valgrind
               python3-websockets python3-jsonschema mandoc groff-base slowhttptest haproxy nginx-light prometheus
               chromium fonts-dejavu-core)
docker_packages=(docker-compose podman mmdebstrap debian-archive-keyring)

summary=()
failed=0
result=
flaky_max=3
again=()    # what failed and gets a second chance: "RUNNER<tab>PRESET<tab>TEST"
flaky=()
suites=$(mktemp -d)
trap 'rm -rf "$suites"' EXIT

# step TITLE COMMAND…: what fails is counted, or noted in `again`, and the next step runs all the
# same. Leaves `result`.
step() {
    local title=$1 started=$SECONDS noted=${#again[@]}
    result=passed
    shift
    printf '\n======== %s\n' "$title"
    if ! "$@"; then
        if ((${#again[@]} > noted)); then
            result=again
        else
            result=FAILED failed=$((failed + 1))
        fi
    fi
    printf -- '-------- %s: %s (%d s)\n' "$title" "$result" $((SECONDS - started))
    summary+=("$(printf '%-6s  %4d s  %s' "$result" $((SECONDS - started)) "$title")")
}

skip() {
    printf '\n======== %s\nLEFT OUT: %s\n' "$1" "$2"
    summary+=("$(printf '%-6s  %6s  %s: %s' skipped '' "$1" "$2")")
}

# second_chances: each test that failed, once more and by itself.
second_chances() {
    local entry runner preset test
    for entry in "${again[@]}"; do
        IFS=$'\t' read -r runner preset test <<<"$entry"
        printf '\n======== once more: %s, %s\n' "$test" "$preset"
        if "$runner" "$preset" "$test"; then
            flaky+=("$test, $preset")
        else
            failed=$((failed + 1))
            summary+=("FAILED  twice   $test, $preset")
        fi
    done
    ((${#flaky[@]} == 0)) || summary+=("${flaky[@]/#/flaky           }")
    if ((${#flaky[@]} > flaky_max)); then
        failed=$((failed + 1))
        summary+=("FAILED          more than $flaky_max flaky tests")
    fi
}

# ctest_in PRESET: all of CTest's tests of this build.
ctest_in() {
    ctest --preset "$1" --no-tests=error --parallel "$(nproc)" </dev/null && return
    local line
    while IFS= read -r line; do
        again+=("ctest_once"$'\t'"$1"$'\t'"${line#*:}")
    done <"$top/build/$1/Testing/Temporary/LastTestsFailed.log"
    return 1
}

ctest_once() { ctest --preset "$1" --no-tests=error --tests-regex "^${2//./\\.}\$" </dev/null; }

# Debian's Python by its path: another one on PATH would not have Debian's pytest.
pytest_in() {
    LB_BIN_DIR=$top/build/$1/bin /usr/bin/python3 -m pytest --rootdir "$top" "${@:2}" </dev/null
}

pytest_once() { pytest_in "$1" -p no:cacheprovider "${@:2}"; }

# pytest_with PRESET ARGUMENT…: notes what failed, which pytest leaves in its cache.
pytest_with() {
    local preset=$1 test
    rm -rf "$suites/cache"
    pytest_in "$preset" --override-ini "cache_dir=$suites/cache" "${@:2}" && return
    while IFS= read -r test; do
        again+=("pytest_once"$'\t'"$preset"$'\t'"$test")
    done < <(/usr/bin/python3 -c 'import json, sys; print(*json.load(open(sys.argv[1])), sep="\n")' \
        "$suites/cache/v/cache/lastfailed" 2>/dev/null)
    return 1
}

# Tests on loopback wait more than they work.
side_by_side=(--numprocesses $((2 * $(nproc))) --dist loadfile)

# Not what a sanitizer has nothing to say about: texts, and for the thread sanitizer programs that
# have one thread.
scenarios_with() {
    local folder left_out=()
    [[ $1 == release ]] || left_out+=(manuals)
    [[ $1 != tsan ]] || left_out+=(appserver discovery page)
    for folder in "${left_out[@]}"; do
        set -- "$@" --ignore "tests/scenario/$folder"
    done
    pytest_with "$1" "${side_by_side[@]}" tests/scenario "${@:2}"
}

chaos_once() {
    as_root env "LB_BIN_DIR=$top/build/$1/bin" /usr/bin/python3 tests/chaos/run.py \
        --minutes 2 --image lb:test </dev/null
}

chaos() {
    chaos_once release && return
    again+=("chaos_once"$'\t'"release"$'\t'"chaos")
    return 1
}

# The unit tests once more with Debian 13's libuv and llhttp, in the image that lb's is built in.
# shellcheck disable=SC2016 # the container's shell expands it
on_debian_13() {
    "${docker[@]}" build --quiet --file deploy/Dockerfile --target build --tag lb-build:test "$top" \
        >/dev/null &&
        tar -C "$top" --exclude=./build --exclude=./.git -c . |
        "${docker[@]}" run --rm --interactive lb-build:test sh -ec '
            { apt-get update && apt-get install -y --no-install-recommends libcmocka-dev; } >/dev/null
            mkdir /tree && tar -C /tree -x && cd /tree
            cmake --preset dev >/dev/null && cmake --build --preset dev >/dev/null
            build/dev/bin/lb --version
            ctest --preset dev --label-regex "unit|fuzz-replay" --no-tests=error --parallel "$(nproc)"'
}

step "packages" ensure_packages "${build_packages[@]}" "${test_packages[@]}"

presets=(release)
[[ $quick == yes ]] || presets+=(asan tsan)
built=()
for preset in "${presets[@]}"; do
    step "build $preset" build_with "$preset" -DLB_TESTS=ON </dev/null
    [[ $result == FAILED ]] || built+=("$preset")
done
for preset in "${built[@]}"; do
    step "unit tests and checks, $preset" ctest_in "$preset"
done
for preset in "${built[@]}"; do
    step "scenarios, $preset" scenarios_with "$preset"
    step "conformance, $preset" pytest_with "$preset" "${side_by_side[@]}" tests/conformance
done

if [[ $quick == yes ]]; then
    skip "on a Docker engine" "--quick"
elif ensure_engine; then
    step "packages for Docker" ensure_packages "${docker_packages[@]}"
    step "images" build_images test </dev/null
    step "unit tests on Debian 13" on_debian_13
    step "on a Docker engine" pytest_with release tests/docker
    step "chaos, two minutes" chaos
elif [[ ${CI-} == true ]]; then
    step "on a Docker engine" false
else
    skip "on a Docker engine" "no engine answers and none can be started here (see above)"
fi

second_chances

printf '\n======== summary\n'
printf '%s\n' "${summary[@]}"
if ((failed)); then
    printf '%d steps or tests FAILED in %d s\n' "$failed" "$SECONDS"
    exit 1
fi
printf 'All steps passed in %d s\n' "$SECONDS"
