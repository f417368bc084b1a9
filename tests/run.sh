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
tests, the fuzz corpora, the checks of the source, the scenario and conformance tests, those with a
real Consul, with a real ACME server, with receivers of GELF and Sentry, Prometheus and Logstalgia, the Debian packages in roots of Debian 12 and 13, and those on a real Docker engine, with two
minutes of chaos. What compiles runs beside what waits. A test that
fails is run once more by itself at the end; if it passes then, the summary calls it flaky. More than
three such tests are a failure. The output of each step stays in build/test-run.

  --yes     do not ask before installing something
  --quick   in two minutes, without optimisation: the unit tests but for a few slow ones, the fuzz
            corpora, the checks of the source, and one scenario of each folder. Nothing on Docker, no
            browser, no other proxies

With CI=true in the environment a missing Docker engine is a failure; else those tests are left out.
LB_TEST_TAG is the tag of the images that are built (test).
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

quick_packages=(libcmocka-dev python3-pytest python3-pytest-xdist python3-pytest-timeout curl openssl iproute2 procps zsh)
test_packages=("${quick_packages[@]}" wrk strace valgrind python3-websockets python3-jsonschema mandoc groff-base
               slowhttptest haproxy nginx-light libnginx-mod-stream dnsmasq-base dnsperf apache2-utils prometheus chromium fonts-dejavu-core
               redis-server postgresql python3-aiosmtpd mmdebstrap debian-archive-keyring
               pebble lego certbot uacme dehydrated gnutls-bin wget
               prometheus-alertmanager prometheus-node-exporter python3-prometheus-client python3-yaml logstalgia xvfb imagemagick)
have npm || test_packages+=(nodejs npm) # others' Node brings its npm
docker_packages=(docker-compose python3-yaml podman bind9-dnsutils)

cores=$(nproc)
work=$top/build/test-run
times=$top/build/test-run.times
image_tag=${LB_TEST_TAG-test}
flaky_max=3
flaky=()
test_seconds_max=300 # of pytest's; one that takes longer hangs, and is told with its stacks
# shellcheck source=schedule.sh
. "$top/tests/schedule.sh"

rm -rf "$work"
mkdir -p "$work"
trap end_all_steps EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- what a step runs ------------------------------------------------------------------------------
# `step` is its name. What is to be run once more stands in $work/STEP.again: "RUNNER<tab>PRESET<tab>TEST".

# niced COMMAND…: what compiles keeps out of the way of what measures and waits.
niced() {
    renice -n 10 "$BASHPID" >/dev/null 2>&1 || true
    "$@"
}

# ctest_in PRESET [OPTION…]: all of CTest's tests of this build, or those that the options choose.
ctest_in() {
    ctest --preset "$1" --no-tests=error --parallel "$cores" --output-junit "$work/$step.xml" "${@:2}" && return
    local line
    while IFS= read -r line; do
        printf 'ctest_once\t%s\t%s\n' "$1" "${line#*:}"
    done <"$top/build/$1/Testing/Temporary/LastTestsFailed.log" >"$work/$step.again"
    return 1
}

ctest_once() { ctest --preset "$1" --no-tests=error --tests-regex "^${2//./\\.}\$" </dev/null; }

# Debian's Python by its path: another one on PATH would not have Debian's pytest.
pytest_in() {
    LB_BIN_DIR=$top/build/$1/bin LB_TEST_TAG=$image_tag LB_TEST_IMAGES=built \
        /usr/bin/python3 -m pytest --rootdir "$top" --timeout "$test_seconds_max" "${@:2}" </dev/null
}

pytest_once() { pytest_in "$1" -p no:cacheprovider "${@:2}"; }

# pytest_with PRESET WORKERS ARGUMENT…: notes what failed, which pytest leaves in its cache.
pytest_with() {
    local preset=$1
    pytest_in "$preset" --numprocesses "$2" --dist loadgroup --override-ini "cache_dir=$work/$step.cache" \
        --junitxml "$work/$step.xml" "${@:3}" && return
    /usr/bin/python3 - "$preset" "$work/$step.cache/v/cache/lastfailed" >"$work/$step.again" <<'END' || true
import json, re, sys
for test in json.load(open(sys.argv[2])):
    print("pytest_once", sys.argv[1], re.sub(r"@[^\]@]*$", "", test), sep="\t")  # without its group
END
    return 1
}

# What is on loopback waits more than it works.
loopback=$((2 * cores + 1))

# Not what a sanitizer has nothing to say about: texts and browsers, and for the thread sanitizer
# programs that have one thread.
scenarios_with() {
    local folder left_out=()
    [[ $1 == release ]] || left_out+=(manuals flags operator_log page)
    [[ $1 != tsan ]] || left_out+=(appserver discovery consul_source registrar swarm_source)
    for folder in "${left_out[@]}"; do
        set -- "$@" --ignore "tests/scenario/$folder"
    done
    pytest_with "$1" "$loopback" tests/scenario "${@:2}"
}

chaos_once() {
    as_root env "LB_BIN_DIR=$top/build/$1/bin" /usr/bin/python3 tests/chaos/run.py \
        --minutes 2 --sites --passages --tls --image "lb:$image_tag" </dev/null
}

chaos() {
    chaos_once release && return
    printf 'chaos_once\trelease\tchaos\n' >"$work/$step.again"
    return 1
}

# Three hosts, each with an engine, a Consul server and lb; each kind of event once.
hosts_once() {
    as_root env "LB_BIN_DIR=$top/build/$1/bin" /usr/bin/python3 tests/consul/hosts.py \
        --minutes 0.5 --down 5 --image "appserver:$image_tag" </dev/null
}

hosts() {
    hosts_once release && return
    printf 'hosts_once\trelease\thosts\n' >"$work/$step.again"
    return 1
}

# lb, appserver, the servers of other protocols that tests/docker puts behind lb, and of Debian's packages what the
# stack runs where the official images cannot be had.
images() {
    build_images "$image_tag" &&
        "${docker[@]}" build --quiet "${image_options[@]}" --tag "peers:$image_tag" "$top/tests/docker/peers" >/dev/null &&
        (. "$top/deploy/stack/lib.sh" && make_debian_images)
}

# The unit tests once more with Debian 13's libuv and llhttp, in the image that lb's is built in.
# shellcheck disable=SC2016 # the container's shell expands it
on_debian_13() {
    "${docker[@]}" build --quiet --file deploy/Dockerfile --target build "${image_options[@]}" \
        --tag "lb-build:$image_tag" "$top" >/dev/null &&
        tar -C "$top" --exclude=./build --exclude=./.git -c . |
        "${docker[@]}" run --rm --interactive --label "lbtest=lbtest-$$" --cpu-shares 256 "lb-build:$image_tag" sh -ec '
            { apt-get update && apt-get install -y --no-install-recommends libcmocka-dev; } >/dev/null
            mkdir /tree && tar -C /tree -x && cd /tree
            cmake --preset dev -DLB_BENCH=OFF -DCMAKE_C_FLAGS_DEBUG=-g1 >/dev/null && cmake --build --preset dev >/dev/null
            build/dev/bin/lb --version
            ctest --preset dev --label-regex "unit|fuzz-replay" --no-tests=error --parallel "$(nproc)"'
}

# ---- the plan --------------------------------------------------------------------------------------
# The times are those of two cores. The lane "build" compiles, on all of them; the others wait.

# With more cores the presets wait beside each other too.
lane_of() { if ((cores < 4)); then printf 'loopback'; else printf '%s' "$1"; fi; }

plan_tests_of() {
    local where
    where=$(lane_of "$1")
    plan "scenarios-$1" "$where" "$2" "build-$1" "scenarios, $1" scenarios_with "$1"
    plan "conformance-$1" "$where" "$3" "build-$1" "conformance, $1" pytest_with "$1" "$loopback" tests/conformance
}

plan_build() { plan "build-$1" build "$2" - "build $1" niced build_with "$1" -DLB_TESTS=ON; }
plan_unit() { plan "unit-$1" build "$2" "build-$1" "unit tests and checks, $1" niced ctest_in "$1"; }

plan_quick() {
    plan build-dev build 60 - "build" build_with dev -DLB_TESTS=ON -DLB_BENCH=OFF
    plan unit-dev build 20 build-dev "unit tests and checks" ctest_in dev --label-exclude '^slow'
    plan scenarios-dev loopback 15 build-dev "a scenario of each folder" \
        pytest_with dev "$loopback" --one-of-each-folder tests/scenario
}

plan_all() {
    plan_build release 110
    plan_unit release 15
    [[ $1 == no ]] || plan images build 90 - "images" niced images
    plan_build asan 60
    plan_build tsan 40
    [[ $1 == no ]] || plan debian-13 build 50 images "unit tests on Debian 13" niced on_debian_13
    plan_unit asan 25
    plan_unit tsan 40
    plan packages build 200 build-release "Debian packages" niced pytest_with release 2 tests/package
    plan_tests_of release 130 30
    plan_tests_of asan 130 30
    plan_tests_of tsan 80 35
    plan stack loopback 150 build-release "logs, incidents, metrics, pictures" \
        pytest_with release "$((cores + 1))" tests/report tests/elk tests/logstalgia tests/stack tests/stack_metrics
    plan acme loopback 90 build-release "certificates by ACME" pytest_with release "$loopback" tests/acme
    plan consul loopback 60 build-release "with Consul" pytest_with release "$loopback" tests/consul
    [[ $1 == no ]] && return
    plan docker docker 300 images,build-release "on a Docker engine" \
        pytest_with release "$((cores + 1))" --timeout 600 tests/docker
    plan chaos docker 140 images,build-release "chaos, two minutes" chaos
    plan hosts docker 90 images,build-release "three hosts with Consul" hosts
}

# ---- the run ---------------------------------------------------------------------------------------

# foreground TITLE COMMAND…: what may ask, before the plan begins.
foreground() {
    printf '\n======== %s\n' "$1"
    "${@:2}" && return
    failed=$((failed + 1))
    summary+=("FAILED          $1")
}

# second_chances: each test that failed, once more and by itself.
second_chances() {
    local runner preset test name number=0
    local -A test_of=()
    while IFS=$'\t' read -r runner preset test; do
        name=again-$((number += 1))
        test_of[$name]="$test, $preset"
        plan "$name" again 30 - "once more: $test, $preset" "$runner" "$preset" "$test"
    done < <(cat "$work"/*.again 2>/dev/null)
    ((number == 0)) || run_plan
    for name in "${!test_of[@]}"; do
        [[ ${state[$name]} != passed ]] || flaky+=("${test_of[$name]}: passed at the second try")
    done
    ((${#flaky[@]} == 0)) || summary+=("${flaky[@]/#/flaky           }")
    if ((${#flaky[@]} > flaky_max)); then
        failed=$((failed + 1))
        summary+=("FAILED          more than $flaky_max flaky tests")
    fi
}

if [[ $quick == yes ]]; then
    foreground "packages" ensure_packages "${build_packages[@]}" "${quick_packages[@]}"
    plan_quick
    times=$top/build/test-run-quick.times
else
    foreground "packages" ensure_packages "${build_packages[@]}" "${test_packages[@]}"
    if ensure_engine; then
        foreground "packages for Docker" ensure_packages "${docker_packages[@]}"
        image_options=(--label lbtest=image)
        plan_all yes
    else
        plan_all no
        docker_left_out="no engine answers and none can be started here (see above)"
        if [[ ${CI-} == true ]]; then
            failed=$((failed + 1))
            summary+=("FAILED          on a Docker engine: $docker_left_out")
        else
            summary+=("skipped         on a Docker engine: $docker_left_out")
        fi
    fi
fi
read_times "$times"
printf '\n%d steps; about %s\n' "${#names[@]}" "$(minutes "$(seconds_left)")"
run_plan
write_times "$times"
second_chances

printf '\n======== the slowest ten\n'
/usr/bin/python3 -B tests/slowest.py "$work"/*.xml || true
printf '\n======== summary\n'
/usr/bin/python3 -B tests/lint/arrows.py . 2>/dev/null | grep '^warning' || true
printf '%s\n' "${summary[@]}"
if ((failed)); then
    printf '%d steps or tests FAILED in %s\n' "$failed" "$(minutes $SECONDS)"
    exit 1
fi
printf 'All steps passed in %s\n' "$(minutes $SECONDS)"
