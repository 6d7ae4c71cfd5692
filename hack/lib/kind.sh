# shellcheck shell=bash
# The same cluster with kind, where Docker and kind are at hand. Sourced after all other parts.
#
# The control plane and the node then live in a container; Traefik, Prometheus and the tools stay those of hack/cluster
# and reach the pods by a route through that container. Linux only.

KIND_NAME=seraphim

is_kind() { [[ -e $STATE/kind ]]; }

kind_healthy() {
    daemon_pid traefik >/dev/null && daemon_pid prometheus >/dev/null && use_cluster && kubectl get --raw /readyz >/dev/null
}

kind_config() {
    cat <<EOF
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {podSubnet: $POD_CIDR, serviceSubnet: $SERVICE_CIDR}
nodes:
  - role: control-plane
    extraMounts:
      - {hostPath: $REPO/hack/kubernetes/config/audit-policy.yaml, containerPath: /etc/audit/policy.yaml, readOnly: true}
      - {hostPath: $STATE/audit, containerPath: /var/log/audit}
    kubeadmConfigPatches:
      - |
        kind: ClusterConfiguration
        apiServer:
          extraArgs: {audit-policy-file: /etc/audit/policy.yaml, audit-log-path: /var/log/audit/audit.log}
          extraVolumes:
            - {name: policy, hostPath: /etc/audit, mountPath: /etc/audit, readOnly: true, pathType: Directory}
            - {name: log, hostPath: /var/log/audit, mountPath: /var/log/audit, pathType: Directory}
EOF
}

kind_up() {
    have kind || die "--kind needs the program 'kind', which is not on PATH. Without --kind, hack/cluster needs neither kind nor Docker."
    docker info >/dev/null 2>&1 || die "--kind needs a running Docker engine. Without --kind, hack/cluster needs none."
    echo "$STATE" >"$OWNER_FILE"
    install -d -m 700 "$STATE"
    mkdir -p "$STATE"/{run,log,audit}
    touch "$STATE/kind"
    choose_ports
    say "kind create cluster"
    kind_config >"$STATE/kind.yaml"
    kind create cluster --name "$KIND_NAME" --config "$STATE/kind.yaml" --kubeconfig "$STATE/admin.kubeconfig" --wait 120s >&2
    export KUBECONFIG=$STATE/admin.kubeconfig
    local network node
    network=$(docker inspect "$KIND_NAME-control-plane" | jq '.[0].NetworkSettings.Networks.kind')
    NODE_ADDRESS=$(jq -r .Gateway <<<"$network")
    node=$(jq -r .IPAddress <<<"$network")
    ip route replace "$POD_CIDR" via "$node"
    ip route replace "$SERVICE_CIDR" via "$node"
    # Inside kind the certificate authority is kubeadm's; the administrator's kubeconfig does for these two.
    cp "$KUBECONFIG" "$STATE/traefik.kubeconfig"
    cp "$KUBECONFIG" "$STATE/prometheus.kubeconfig"
    kind_operator_kubeconfig
    say "starting traefik (Gateway API), prometheus"
    apply_manifests
    start_traefik
    start_prometheus
    wait_ready traefik 30 gateway_programmed
    wait_ready prometheus 30 prometheus_ready
    write_env
    sed -i "s#^export SERAPHIM_API_SERVER=.*#export SERAPHIM_API_SERVER=$(kubectl config view -o 'jsonpath={.clusters[0].cluster.server}')#" "$STATE/env"
    say "the cluster (kind) is up: eval \"\$(hack/cluster env)\""
}

# The operator's own user, so that its rights and its lines in the audit log are the operator's.
kind_operator_kubeconfig() {
    local user file
    mkdir -p "$STATE/pki"
    for file in ca.crt ca.key; do docker cp --quiet "$KIND_NAME-control-plane:/etc/kubernetes/pki/$file" "$STATE/pki/$file"; done
    certificate seraphim-operator /CN=seraphim-operator clientAuth
    cp "$KUBECONFIG" "$STATE/seraphim-operator.kubeconfig"
    user=$(kubectl config view --output 'jsonpath={.users[0].name}')
    kubectl --kubeconfig "$STATE/seraphim-operator.kubeconfig" config set-credentials "$user" --embed-certs=true \
        --client-certificate="$STATE/pki/seraphim-operator.crt" --client-key="$STATE/pki/seraphim-operator.key" >/dev/null
}

kind_load_image() { kind load image-archive --name "$KIND_NAME" "$1" >&2; }

kind_down() {
    stop_daemons TERM 10 traefik prometheus
    kind delete cluster --name "$KIND_NAME" >&2
    ip route delete "$POD_CIDR" 2>/dev/null || true
    ip route delete "$SERVICE_CIDR" 2>/dev/null || true
    rm -rf --one-file-system "$STATE"
    rm -f "$OWNER_FILE"
}
