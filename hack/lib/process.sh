# shellcheck shell=bash
# Daemons: started so that they outlive the script, found and stopped by pid files only. Sourced after state.sh.
#
# A pid file holds "PID STARTTIME"; the start time tells the process from a later one with the same number.

start_time() { # PID
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }               # the program's name, in parentheses, may hold anything
    # shellcheck disable=SC2086     # split into fields on purpose
    set -- $stat
    [[ $1 != Z ]] || return 1
    echo "${20}"
}

# Prints the pid of a daemon that is alive; false otherwise.
daemon_pid() { # NAME
    local pid started
    read -r pid started 2>/dev/null <"$STATE/run/$1.pid" || return 1
    [[ $(start_time "$pid") == "$started" ]] || return 1
    echo "$pid"
}

# Renamed into place: a reader sees the whole line or no file.
note_pid() { # NAME PID
    local started
    started=$(start_time "$2") || return 1
    echo "$2 $started" >"$STATE/run/$1.pid.$BASHPID" && mv "$STATE/run/$1.pid.$BASHPID" "$STATE/run/$1.pid"
}

start_daemon() { # NAME COMMAND...
    local name=$1; shift
    (
        # By the process itself, before it is the daemon: an interrupt right now must not leave a daemon that nobody knows.
        trap '' INT
        note_pid "$name" "$BASHPID" || exit 1
        cd /
        # The lock's descriptor must not live on in a daemon: the lock would never be free again.
        [[ -z ${LOCK_FD:-} ]] || exec {LOCK_FD}>&-
        exec setsid nohup "$@" </dev/null >"$STATE/log/$name.log" 2>&1
    ) &
    local pid=$!
    # Again here, so that it is there when this function returns (unless the daemon has ended already).
    note_pid "$name" "$pid" || true
    disown "$pid"
}

fail_with_log() { # NAME SENTENCE
    {
        echo "--- last lines of $STATE/log/$1.log"
        tail -n 30 "$STATE/log/$1.log" || true
        echo "---"
    } >&2
    die "$2"
}

# wait_ready NAME SECONDS CHECK...: until the check is true; stops at once when the daemon is dead.
wait_ready() {
    local name=$1 seconds=$2 deadline; shift 2
    deadline=$(( ${EPOCHREALTIME/./} + seconds * 1000000 ))
    until "$@" >/dev/null 2>&1; do
        daemon_pid "$name" >/dev/null || fail_with_log "$name" "$name ended before it was ready"
        (( ${EPOCHREALTIME/./} < deadline )) || fail_with_log "$name" "$name was not ready within $seconds s"
        sleep 0.05
    done
}

pids_gone() { local pid; for pid in "$@"; do ! start_time "$pid" >/dev/null || return 1; done; }

# stop_pids SIGNAL SECONDS PID...: the signal, then SIGKILL for what is left after the time.
stop_pids() {
    local signal=$1 seconds=$2; shift 2
    (( $# )) || return 0
    kill -s "$signal" -- "$@" 2>/dev/null || true
    wait_until "$seconds" pids_gone "$@" && return
    kill -s KILL -- "$@" 2>/dev/null || true
    wait_until 5 pids_gone "$@" || warn "processes do not end: $*"
}

stop_daemons() { # SIGNAL SECONDS NAME...
    local signal=$1 seconds=$2 name pid pids=(); shift 2
    for name in "$@"; do
        if pid=$(daemon_pid "$name"); then pids+=("$pid"); fi
    done
    stop_pids "$signal" "$seconds" "${pids[@]}"
    for name in "$@"; do rm -f "$STATE/run/$name.pid"; done
}
