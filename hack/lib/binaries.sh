# shellcheck shell=bash
# Builds the cluster's programs from Go modules, once, into the cache. Sourced after common.sh and go.sh.
#
# Every folder under hack/kubernetes/tools is a module whose `tool` lines name the programs and whose go.sum locks them.
# A module's programs land in $CACHE/bin/<module>-<key>, where the key is the hash of the module's files.

TOOLS=$REPO/hack/kubernetes/tools
# Built only when asked for by name (hack/cluster build helm4), and never on PATH.
OPTIONAL_MODULES=(helm4)

# Prints the modules that the cluster needs.
needed_modules() {
    local module optional
    for module in "$TOOLS"/*/; do
        module=$(basename "$module")
        for optional in "${OPTIONAL_MODULES[@]}"; do [[ $module != "$optional" ]] || continue 2; done
        echo "$module"
    done
}

# SERAPHIM_KUBERNETES=v1.X.Y asks for another Kubernetes than the one that is locked here.
is_of_another_version() { # MODULE
    [[ $1 == kubernetes && -n ${SERAPHIM_KUBERNETES:-} ]]
}

# Where a module's go.mod is.
module_source() { # MODULE
    if is_of_another_version "$1"; then
        echo "$CACHE/tools/kubernetes-$SERAPHIM_KUBERNETES"
    else
        echo "$TOOLS/$1"
    fi
}

module_dir() { # MODULE
    local key
    if is_of_another_version "$1"; then
        echo "$CACHE/bin/kubernetes-$SERAPHIM_KUBERNETES"
        return
    fi
    key=$(cat "$TOOLS/$1"/* | sha256sum)
    echo "$CACHE/bin/$1-${key:0:16}"
}

# The same tools of another version. Its sums are not locked here: Go's checksum database vouches for them.
write_other_kubernetes() {
    local folder=$CACHE/tools/kubernetes-$SERAPHIM_KUBERNETES edits=() module
    [[ $SERAPHIM_KUBERNETES =~ ^v1\.([0-9]+\.[0-9]+)$ ]] \
        || die "SERAPHIM_KUBERNETES is '$SERAPHIM_KUBERNETES'; it must be a released version such as v1.34.4"
    local staging=v0.${BASH_REMATCH[1]}
    mkdir -p "$folder"
    [[ ! -e $folder/complete ]] || return 0
    printf 'module seraphim/hack/kubernetes/tools/kubernetes\n\ngo 1.24.0\n' >"$folder/go.mod"
    rm -f "$folder/go.sum"
    cd "$folder" || die "no folder $folder"
    while read -r module; do edits+=("-replace=$module=$module@$staging"); done \
        < <("$GO" mod edit -json "$TOOLS/kubernetes/go.mod" | jq --raw-output '.Replace[].Old.Path')
    while read -r module; do edits+=("-tool=$module"); done \
        < <("$GO" mod edit -json "$TOOLS/kubernetes/go.mod" | jq --raw-output '.Tool[].Path')
    "$GO" mod edit "-require=k8s.io/kubernetes@$SERAPHIM_KUBERNETES" "${edits[@]}"
    say "resolving the modules of Kubernetes $SERAPHIM_KUBERNETES"
    "$GO" mod tidy >"$folder/tidy.log" 2>&1 || { tail -n 5 "$folder/tidy.log" >&2; die "there is no such Kubernetes, or it cannot be fetched"; }
    touch "$folder/complete"
}

# Puts every needed module's programs on PATH; false when one is not built.
use_binaries() {
    local module dir
    for module in $(needed_modules); do
        dir=$(module_dir "$module")
        [[ -e $dir/complete ]] || return 1
        PATH=$dir:$PATH
    done
    GATEWAY_API_CRDS=$(module_dir traefik)/gateway-api
}

# The Kubernetes programs tell their version only when the linker is told.
linker_flags() { # MODULE
    local flags="-s -w" version
    if [[ $1 == kubernetes ]]; then
        version=$(sed -n 's#^\(require\)\{0,1\}[[:space:]]*k8s\.io/kubernetes \(v[^ ]*\).*#\2#p' "$(module_source "$1")/go.mod")
        [[ $version =~ ^v([0-9]+)\.([0-9]+)\. ]] || die "cannot read the version of k8s.io/kubernetes in $(module_source "$1")/go.mod"
        local package=k8s.io/component-base/version
        flags+=" -X $package.gitVersion=$version -X $package.gitMajor=${BASH_REMATCH[1]} -X $package.gitMinor=${BASH_REMATCH[2]}"
        flags+=" -X $package.gitTreeState=clean"
    fi
    echo "$flags"
}

# Of Prometheus' many service discoveries only that of Kubernetes is compiled.
build_tags() { # MODULE
    if [[ $1 == prometheus ]]; then echo remove_all_sd,enable_kubernetes_sd; fi
}

# Where a package path ends in a major version, its program is named like the module's folder.
program_name() { # MODULE PACKAGE
    if [[ $2 =~ /v[0-9]+$ ]]; then echo "$1"; else basename "$2"; fi
}

# The name that `go build` gives the same program.
go_name() { # PACKAGE
    local package=$1
    if [[ $package =~ ^(.*)/v[0-9]+$ ]]; then package=${BASH_REMATCH[1]}; fi
    basename "$package"
}

# Reads the output of `go build -v` and says how far it is, every 15 s; whatever is no progress is passed on.
report_compilation() { # MODULE PACKAGES-IN-ALL
    local line compiled=0 began=$SECONDS next=$(( SECONDS + 15 )) status=0
    while true; do
        line=
        IFS= read -r -t 5 line || status=$?
        if [[ $line =~ ^[A-Za-z0-9][A-Za-z0-9._~/-]*$ ]]; then compiled=$(( compiled + 1 ))
        elif [[ -n $line ]]; then printf '%s\n' "$line" >&2; fi
        # Over 128: nothing came within the 5 s; anything else that is not 0 is the end.
        if (( status != 0 && status <= 128 )); then return 0; fi
        status=0
        if (( SECONDS >= next )); then
            say "  $1: $compiled packages compiled (at most $2), then linking ($(( SECONDS - began )) s)"
            next=$(( SECONDS + 15 ))
        fi
    done
}

# Fetches the sources of a module's programs and sets PACKAGES_IN_ALL; a registry that fails for a moment gets three chances.
fetch_sources() { # MODULE FOLDER-FOR-THE-LOG PACKAGE...
    local module=$1 log=$2/fetch.log attempt list; shift 2
    say "fetching the sources of $module"
    for attempt in 1 2 3; do
        if list=$(CGO_ENABLED=0 GOWORK=off "$GO" list -deps -tags "$(build_tags "$module")" "$@" 2>"$log"); then
            PACKAGES_IN_ALL=$(wc -l <<<"$list")
            rm -f "$log"
            return
        fi
        grep -v '^go: downloading ' "$log" >&2 || true
        warn "fetching the sources of $module failed (attempt $attempt of 3)"
    done
    die "the sources of $module could not be fetched; the lines above say why"
}

# compile_programs MODULE FOLDER PACKAGE...: in one call, so that the linking of one goes on beside the compiling of another.
compile_programs() {
    local module=$1 folder=$2 package flags; shift 2
    flags=$(linker_flags "$module")
    CGO_ENABLED=0 GOWORK=off "$GO" build -v -buildvcs=false -trimpath -tags "$(build_tags "$module")" -ldflags "$flags" \
        -o "$folder/" "$@" 2>&1 | report_compilation "$module" "$PACKAGES_IN_ALL" || return 1
    for package in "$@"; do
        [[ $(go_name "$package") == "$(program_name "$module" "$package")" ]] \
            || mv "$folder/$(go_name "$package")" "$folder/$(program_name "$module" "$package")"
    done
}

# In a subshell, for the folder it changes to and the lock it holds.
build_module() ( # MODULE
    local module=$1 dir work began=$SECONDS packages
    dir=$(module_dir "$module")
    [[ ! -e $dir/complete ]] || return 0
    # One build at a time: two at once would compile the same packages twice.
    mkdir -p "$CACHE/bin"
    exec {lock}>"$CACHE/bin/lock"
    if ! flock --nonblock "$lock"; then
        say "another build of the cluster's programs is under way; waiting for it"
        flock "$lock"
    fi
    [[ ! -e $dir/complete ]] || return 0
    ensure_go
    # Built next to its final place and renamed as a whole: an interrupted build is never mistaken for a good one.
    # (What it had compiled is kept in Go's own cache.)
    work=$dir.partial
    rm -rf "$dir" "$work"; mkdir -p "$work"
    if is_of_another_version "$module"; then write_other_kubernetes; fi
    cd "$(module_source "$module")" || die "no folder $(module_source "$module")"
    # Not `go list tool`: it would fetch what the programs import under other build tags too.
    mapfile -t packages < <("$GO" mod edit -json | jq --raw-output '.Tool[]?.Path')
    (( ${#packages[@]} )) || die "$TOOLS/$module names no tool"
    fetch_sources "$module" "$work" "${packages[@]}"
    say "building $module"
    compile_programs "$module" "$work" "${packages[@]}" || die "building $module failed"
    if [[ $module == traefik ]]; then
        mkdir -p "$work/gateway-api"
        cp "$("$GO" list -m -f '{{.Dir}}' sigs.k8s.io/gateway-api)"/config/crd/standard/*.yaml "$work/gateway-api/"
        chmod -R u+w "$work/gateway-api"
    fi
    if [[ $module == contour ]]; then
        install -m 644 "$("$GO" list -m -f '{{.Dir}}' github.com/projectcontour/contour)/examples/contour/01-crds.yaml" "$work/contour-crds.yaml"
    fi
    touch "$work/complete"
    mv "$work" "$dir"
    say "built $module ($(( SECONDS - began )) s)"
)

# Builds one module by its name, also an optional one.
build_named_module() { # MODULE
    [[ -f $TOOLS/$1/go.mod ]] || die "there is no module '$1'; they are: $(cd "$TOOLS" && echo *)"
    build_module "$1"
    say "$1 is in $(module_dir "$1")"
}

# Builds what is missing and puts it on PATH.
ensure_binaries() {
    use_binaries && return
    say "building the cluster's programs into $CACHE/bin (only the first time; about 10 minutes on 2 cores)"
    local module
    for module in $(needed_modules); do build_module "$module"; done
    use_binaries || die "the programs just built are not in $CACHE/bin"
}
