# shellcheck shell=bash
# Steps in lanes: the steps of a lane run one after the other, the lanes beside each other. Each step
# writes into a file of its own, which is printed whole when it ends. Sourced by tests/run.sh.
# shellcheck disable=SC2034,SC2154  # `step` is for the one who sources this, `work` is its

names=()                                # of the steps, in the order of their plan
declare -A lane=() needs=() title=() words=()    # by name: what was planned
declare -A seconds=()                   # how long it takes: as the last run says, else as planned
declare -A state=() pid_of=() began=()  # and what became of it: running, passed, retried, FAILED, skipped
summary=()
failed=0
begun=0
planned_seconds=0 taken_seconds=0       # of the steps that have ended
step=                                   # the one that runs, to what it runs
step_seconds_max=2400                   # what takes longer hangs, and is ended
step_look_seconds=5                     # that is looked for so often while nothing ends
step_grace_seconds=5                    # between SIGTERM and SIGKILL

# plan NAME LANE SECONDS NEEDS TITLE COMMAND…: NEEDS are names with commas between, or "-".
plan() {
    local name=$1
    names+=("$name")
    lane[$name]=$2 seconds[$name]=$3 needs[$name]=${4//,/ } title[$name]=$5 state[$name]=
    [[ $4 != - ]] || needs[$name]=
    shift 5
    words[$name]=${*@Q}
}

# The file has "NAME SECONDS" for each step of the last run.
read_times() {
    local name took
    [[ -f $1 ]] || return 0
    while read -r name took; do
        [[ ! -v seconds[$name] ]] || seconds[$name]=$took
    done <"$1"
}

write_times() {
    local name
    for name in "${names[@]}"; do
        [[ ${state[$name]} == skipped ]] || printf '%s %d\n' "$name" "${seconds[$name]}"
    done >"$1"
}

is_over() { [[ ${state[$1]} != '' && ${state[$1]} != running ]]; }

# learnt SECONDS: so many as a plan has, by how the steps that have ended kept theirs. A minute of
# them says little.
learnt() {
    ((planned_seconds >= 60)) || { printf '%d' "$1"; return; }
    printf '%d' $(($1 * taken_seconds / planned_seconds))
}

# seconds_left: as if every step took as long as the last time, on the machine as it is now.
seconds_left() {
    local name need start rest last=0
    local -A end_of_lane end_of
    for name in "${names[@]}"; do
        is_over "$name" && continue
        start=${end_of_lane[${lane[$name]}]-0} rest=$(learnt "${seconds[$name]}")
        if [[ ${state[$name]} == running ]]; then
            start=0 rest=$((rest - (SECONDS - began[$name])))
        fi
        for need in ${needs[$name]}; do
            ((start >= ${end_of[$need]-0})) || start=${end_of[$need]}
        done
        end_of[$name]=$((start + (rest > 5 ? rest : 5)))
        end_of_lane[${lane[$name]}]=${end_of[$name]}
        ((last >= end_of[$name])) || last=${end_of[$name]}
    done
    printf '%d' "$last"
}

minutes() { printf '%d:%02d min' $(($1 / 60)) $(($1 % 60)); }

# A job of its own (set -m), so that all of it can be ended, and an interrupt of it is not ignored.
begin_step() {
    local name=$1
    state[$name]=running began[$name]=$SECONDS
    begun=$((begun + 1))
    printf '... step %d of %d begins: %s (about %d s), log: %s\n' "$begun" "${#names[@]}" "${title[$name]}" \
        "$(learnt "${seconds[$name]}")" "${work#"$PWD/"}/$name.log"
    step=$name
    set -m
    (
        set +m
        trap 'printf "%s %d\n" "$step" $? >&"$ended"' EXIT
        eval "${words[$name]}"
    ) >"$work/$name.log" 2>&1 </dev/null &
    set +m
    pid_of[$name]=$!
}

skip_step() {
    state[$1]=skipped
    printf '\n======== %s\nLEFT OUT: %s\n' "${title[$1]}" "$2"
    summary+=("$(printf '%-7s %6s  %s: %s' skipped '' "${title[$1]}" "$2")")
}

# end_what_hangs: whatever has run for too long, after it was said what it does, and what was killed
# with the shell that would have told.
end_what_hangs() {
    local name
    for name in "${!pid_of[@]}"; do
        if ! kill -0 "${pid_of[$name]}" 2>/dev/null; then
            printf '\nENDED: it was killed.\n' >>"$work/$name.log"
            kill -KILL -- "-${pid_of[$name]}" 2>/dev/null || true # what it had begun
            printf '%s %d\n' "$name" 137 >&"$ended"
            continue
        fi
        ((SECONDS - began[$name] >= step_seconds_max)) || continue
        {
            printf '\nENDED: it took more than %s. What ran then:\n' "$(minutes "$step_seconds_max")"
            ps -e --forest -o pid,pgid,etimes,stat,wchan:20,args | cut -c 1-200
        } >>"$work/$name.log" 2>&1 || true
        rm -f "$work/$name.again"
        kill -TERM -- "-${pid_of[$name]}" 2>/dev/null || true
        sleep "$step_grace_seconds"
        kill -KILL -- "-${pid_of[$name]}" 2>/dev/null || true
        printf '%s %d\n' "$name" 124 >&"$ended"
    done
}

# What fails is counted, unless the step has noted in a file what gets a second chance.
end_step() {
    local name=$1 code=$2 number=0 other what took=$((SECONDS - began[$1]))
    planned_seconds=$((planned_seconds + seconds[$name])) taken_seconds=$((taken_seconds + took))
    state[$name]=passed seconds[$name]=$took
    unset "pid_of[$name]"
    if ((code)); then
        state[$name]=retried
        [[ -s $work/$name.again ]] || state[$name]=FAILED failed=$((failed + 1))
    fi
    what=${state[$name]}
    [[ $what != retried ]] || what='what failed is run once more at the end'
    for other in "${names[@]}"; do
        is_over "$other" && number=$((number + 1))
    done
    printf '\n======== step %d of %d: %s\n' "$number" "${#names[@]}" "${title[$name]}"
    cat "$work/$name.log"
    printf -- '-------- %s: %s (%d s); about %s left\n' "${title[$name]}" "$what" "$took" \
        "$(minutes "$(seconds_left)")"
    summary+=("$(printf '%-7s %4d s  %s' "${state[$name]}" "$took" "${title[$name]}")")
}

begin_what_can() {
    local name need
    local -A is_taken=()
    for name in "${names[@]}"; do
        is_over "$name" && continue
        [[ -z ${is_taken[${lane[$name]}]-} ]] || continue
        for need in ${needs[$name]}; do
            case ${state[$need]} in
            FAILED | skipped) skip_step "$name" "it needs: ${title[$need]}"; continue 2 ;;
            esac
        done
        is_taken[${lane[$name]}]=yes
        [[ ${state[$name]} == '' ]] || continue
        for need in ${needs[$name]}; do
            is_over "$need" || continue 2
        done
        begin_step "$name"
    done
}

# What has ended says so itself: bash forgets jobs that ended while it looked elsewhere.
run_plan() {
    local name code ended
    mkfifo "$work/ended"
    exec {ended}<>"$work/ended"
    while begin_what_can; ((${#pid_of[@]})); do
        if read -r -t "$step_look_seconds" name code <&"$ended"; then
            [[ ! -v pid_of[$name] ]] || end_step "$name" "$code"
        else
            end_what_hangs
        fi
    done
    exec {ended}>&-
    rm "$work/ended"
}

# Whatever still runs when the run is broken off: jobs, as one that has just begun is not in pid_of yet.
# A step is a process group; what else the shell has in the background, an engine for one, is not ended
# and not waited for.
end_all_steps() {
    local pid steps=()
    for pid in $(jobs -pr); do
        if kill -TERM -- "-$pid" 2>/dev/null; then steps+=("$pid"); fi
    done
    ((${#steps[@]} == 0)) || wait "${steps[@]}" 2>/dev/null || true
}
