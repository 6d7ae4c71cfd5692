# shellcheck shell=bash
# Builds and runs GoogleTest programs, counts by their JSON reports and tells of every failure. Sourced after common.sh.

RESULTS=$REPO/build/test-results
PASSED=0 FAILED=0 SKIPPED=0
FAILURES=()                     # a line each, for the list at the end
RUNNING=()                      # the process groups of the test programs that run

# follow LABEL LOG [PATTERN]: writes what it reads to the log; says the last line every 15 s, and lines that match at once.
follow() (
    label=$1 pattern=${3:-} last='' next=$(( SECONDS + 15 ))
    exec {log}>"$2"
    while true; do
        status=0 line=''
        IFS= read -r -t 5 line || status=$?
        if [[ -n $line || $status == 0 ]]; then
            printf '%s\n' "$line" >&"$log"
            last=${line:-$last}
        fi
        if [[ -n $pattern && $line =~ $pattern ]]; then
            say "$label: $line"
            next=$(( SECONDS + 15 ))
        elif (( SECONDS >= next )); then
            say "$label: ${last:0:120}"
            next=$(( SECONDS + 15 ))
        fi
        # Over 128: nothing came within the 5 s; anything else that is not 0 is the end.
        if (( status != 0 && status <= 128 )); then return 0; fi
    done
)

# fail_part NAME SENTENCE [LOG]: counts what is no test but went wrong too, such as a build; with the end of its log.
fail_part() {
    FAILED=$(( FAILED + 1 ))
    FAILURES+=("$1: $2")
    say "FAILED $1: $2"
    if [[ -n ${3:-} && -e $3 ]]; then
        { echo "--- last lines of $3"; tail -n 60 "$3"; echo "---"; } >&2
    fi
}

# build_preset PRESET [TARGET...]: configures and builds build/PRESET; false (and counted) when that fails.
build_preset() {
    local preset=$1 log=$RESULTS/build-$1.log began=$SECONDS; shift
    local targets=(); (( $# == 0 )) || targets=(--target "$@")
    say "building $preset"
    if ! (cd "$REPO" && cmake --preset "$preset") >"$log" 2>&1; then
        fail_part "build $preset" "cmake cannot configure it" "$log"
        return 1
    fi
    if ! (cd "$REPO" && cmake --build --preset "$preset" --parallel "$(nproc)" "${targets[@]}") 2>&1 | follow "build $preset" "$log"; then
        fail_part "build $preset" "it does not compile" "$log"
        return 1
    fi
    # A program whose sources are gone is none of the tests any more.
    ninja -C "$REPO/build/$preset" -t cleandead >/dev/null
    say "built $preset ($(( SECONDS - began )) s)"
}

# The folder tests/SUITE's programs lie in.
programs_of() { # PRESET FOLDER
    local program
    for program in "$REPO/build/$1/tests/$2"/*; do
        if [[ -f $program && -x $program && ( $program == */unit_* || $program == *_test ) ]]; then echo "$program"; fi
    done
}

# (setarch in run_tests: the sanitizers of this compiler expect the memory layout of a kernel that randomizes less.)
sanitizer_options() {
    local folder=$REPO/tests/sanitizers
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    export LSAN_OPTIONS=print_suppressions=0 UBSAN_OPTIONS=print_stacktrace=1
    export TSAN_OPTIONS=second_deadlock_stack=1:exitcode=66
    if [[ -e $folder/leak.supp ]]; then LSAN_OPTIONS+=:suppressions=$folder/leak.supp; fi
    if [[ -e $folder/thread.supp ]]; then TSAN_OPTIONS+=:suppressions=$folder/thread.supp; fi
}

# run_tests LABEL SECONDS PATTERN PROGRAM [ARGUMENT...]: runs a GoogleTest program and counts. PATTERN: lines to show at once.
# With SHARDS set, so many processes share its tests; for tests that wait more than they compute.
run_tests() {
    local label=$1 seconds=$2 pattern=$3 program=$4 shards=${SHARDS:-1} shard began=$SECONDS; shift 4
    local labels=() bases=() followers=() statuses=() out
    for (( shard = 0; shard < shards; ++shard )); do
        labels[shard]=$label$( (( shards == 1 )) || echo " $(( shard + 1 ))/$shards")
        bases[shard]=$RESULTS/${labels[shard]//[^A-Za-z0-9_.-]/_}
        rm -f "${bases[shard]}.json"
        exec {out}> >(follow "${labels[shard]}" "${bases[shard]}.log" "$pattern")
        followers[shard]=$!
        # In a session of its own and waited for: an interrupt then ends it at once, with whatever it has started.
        GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard setsid setarch --addr-no-randomize timeout --kill-after=10 "$seconds" \
            "$program" --gtest_output="json:${bases[shard]}.json" --gtest_color=no "$@" </dev/null >&"$out" 2>&1 {out}>&- &
        RUNNING+=($!)
        exec {out}>&-
    done
    for (( shard = 0; shard < shards; ++shard )); do
        statuses[shard]=0
        wait "${RUNNING[shard]}" 2>/dev/null || statuses[shard]=$?
    done
    stop_running
    for (( shard = 0; shard < shards; ++shard )); do
        wait "${followers[shard]}" || true
        count_report "${labels[shard]}" "${bases[shard]}" "${statuses[shard]}" "$seconds" $(( SECONDS - began ))
    done
}

# Ends what is left of the running test programs: themselves, or what they started and left behind.
stop_running() {
    local group
    for group in "${RUNNING[@]}"; do kill -s KILL -- "-$group" 2>/dev/null || true; done
    RUNNING=()
}

# count_report LABEL BASE STATUS LIMIT TOOK: adds up BASE.json; a crash, a hang and a sanitizer's exit code are failures too.
count_report() {
    local label=$1 base=$2 status=$3 limit=$4 took=$5 passed=0 failed=0 skipped=0 name text
    if [[ -s $base.json ]] && read -r passed failed skipped < <(jq --raw-output '
            [.testsuites[].testsuite[] | if (.failures // []) != [] then "failed" elif .status == "NOTRUN" or .result == "SKIPPED" then "skipped" else "passed" end]
            | "\(map(select(. == "passed")) | length) \(map(select(. == "failed")) | length) \(map(select(. == "skipped")) | length)"' "$base.json"); then
        PASSED=$(( PASSED + passed )) FAILED=$(( FAILED + failed )) SKIPPED=$(( SKIPPED + skipped ))
        say "$label: $passed passed, $failed failed$( (( skipped == 0 )) || echo ", $skipped skipped") ($took s)"
        while IFS=$'\t' read -r name text; do
            FAILURES+=("$label: $name$(printf '\n%b' "$text" | head -n 12 | cut -c 1-200 | sed 's/^/    /')")
            printf '%s\n%b\n' "--- $label: $name" "$text" >&2
        done < <(jq --raw-output '.testsuites[] | .name as $suite | .testsuite[] | select((.failures // []) != [])
            | ["\($suite).\(.name)" + (if .value_param then " (\(.value_param))" else "" end), (.failures | map(.failure) | join("\n"))] | @tsv' "$base.json")
        if (( status == 0 && passed + failed == 0 )); then
            fail_part "$label" "no test ran"
        elif (( status != 0 && failed == 0 )); then
            fail_part "$label" "its tests passed, but the program ended with exit code $status (a sanitizer's report?)" "$base.log"
        fi
    elif (( status == 124 || status == 137 )); then
        fail_part "$label" "did not end within $limit s" "$base.log"
    else
        fail_part "$label" "crashed (exit code $status), so none of its tests counts" "$base.log"
    fi
}

# The last line of everything. False when anything failed or nothing ran.
print_summary() {
    local failure
    for failure in "${FAILURES[@]}"; do echo "FAILED $failure"; done
    echo "$PASSED passed, $FAILED failed$( (( SKIPPED == 0 )) || echo ", $SKIPPED skipped")"
    (( FAILED == 0 && PASSED > 0 ))
}
