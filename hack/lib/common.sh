# shellcheck shell=bash
# What every script of hack/ shares: paths, messages, time. Sourced, never run.

# The caller's own `set -euo pipefail` stays in force; repeated here so that a file sourced alone is safe too.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${SERAPHIM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/seraphim}
STARTED_AT=$EPOCHREALTIME

# Seconds since this script started, with one decimal.
elapsed() {
    local us=$(( ${EPOCHREALTIME/./} - ${STARTED_AT/./} ))
    printf '%d.%d' $(( us / 1000000 )) $(( us / 100000 % 10 ))
}

# Progress and errors go to stderr: stdout belongs to results (paths, `env` lines).
say() { printf '[%6ss] %s\n' "$(elapsed)" "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }

# need COMMAND...: stop with one sentence that names everything missing.
need() {
    local missing=() command
    for command in "$@"; do have "$command" || missing+=("$command"); done
    (( ${#missing[@]} == 0 )) || die "missing: ${missing[*]}. Run hack/setup first."
}

# Prints a file's header comment (up to the first line that is no comment) as help text.
print_header() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }

# wait_until SECONDS COMMAND...: polls every 50 ms; false when the time is up.
wait_until() {
    local deadline=$(( ${EPOCHREALTIME/./} + $1 * 1000000 )); shift
    until "$@" >/dev/null 2>&1; do
        (( ${EPOCHREALTIME/./} < deadline )) || return 1
        sleep 0.05
    done
}
