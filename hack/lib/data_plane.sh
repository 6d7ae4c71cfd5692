# shellcheck shell=bash
# Gateway API (Traefik) and Prometheus, both on the host. Sourced after state.sh and process.sh.

apply_manifests() {
    fill manifests/gateway.yaml >"$STATE/gateway.yaml"
    # Server-side: the HTTPRoute CRD is too large for the annotation of a client-side apply.
    kubectl apply --server-side --filename="$GATEWAY_API_CRDS" --filename="$REPO/hack/kubernetes/manifests/access.yaml" >/dev/null
    kubectl wait --for=condition=Established --timeout=20s --filename="$GATEWAY_API_CRDS" >/dev/null
    kubectl apply --server-side --filename="$STATE/gateway.yaml" >/dev/null
}

start_traefik() {
    start_daemon traefik env KUBECONFIG="$STATE/traefik.kubeconfig" traefik \
        --global.checknewversion=false --global.sendanonymoususage=false --log.level=INFO \
        --entrypoints.web.address="$NODE_ADDRESS:$ROUTER_PORT" \
        --entrypoints.metrics.address="$NODE_ADDRESS:$TRAEFIK_METRICS_PORT" \
        --ping=true --ping.entrypoint=metrics \
        --providers.kubernetesgateway=true --providers.providersThrottleDuration=200ms \
        --providers.kubernetesgateway.statusaddress.ip="$NODE_ADDRESS" \
        --metrics.prometheus=true --metrics.prometheus.entrypoint=metrics \
        --metrics.prometheus.addServicesLabels=true --metrics.prometheus.addRoutersLabels=true \
        --metrics.prometheus.buckets=0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10
}

start_prometheus() {
    local TRAEFIK_METRICS=$NODE_ADDRESS:$TRAEFIK_METRICS_PORT
    mkdir -p "$STATE/prometheus" "$STATE/prometheus-targets"
    fill config/prometheus.yaml >"$STATE/prometheus.yaml"
    # The reload interval (5 s by default) is how long a new pod waits for its first scrape.
    start_daemon prometheus prometheus --config.file="$STATE/prometheus.yaml" \
        --web.listen-address="$NODE_ADDRESS:$PROMETHEUS_PORT" --web.enable-lifecycle \
        --storage.tsdb.path="$STATE/prometheus" --storage.tsdb.retention.time=1d \
        --scrape.discovery-reload-interval=1s --log.level=warn
}

traefik_ready() { curl --silent --fail --max-time 2 "http://$NODE_ADDRESS:$TRAEFIK_METRICS_PORT/ping"; }
prometheus_ready() { curl --silent --fail --max-time 2 "http://$NODE_ADDRESS:$PROMETHEUS_PORT/-/ready"; }
gateway_programmed() {
    [[ $(kubectl get gateway seraphim --namespace seraphim -o 'jsonpath={.status.conditions[?(@.type=="Programmed")].status}') == True ]]
}
