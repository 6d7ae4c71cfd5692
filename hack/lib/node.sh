# shellcheck shell=bash
# The node: bridge, containerd, kubelet, kube-proxy, images. Sourced after state.sh and process.sh.

make_bridge() {
    # A bridge without ports: all that is wanted is an address that pods can reach and that no network outside knows.
    ip link add "$BRIDGE" type bridge
    ip address add "$NODE_ADDRESS/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
    # Pods are routed (CNI plugin `ptp`), not bridged: replies then always pass the host's address translation.
    sysctl --quiet --write net.ipv4.ip_forward=1
}

save_sysctls() {
    local name
    for name in "${SYSCTLS[@]}"; do
        if [[ -e /proc/sys/${name//.//} ]]; then echo "$name=$(sysctl --values "$name")"; fi
    done >"$STATE/sysctls"
}

note_strays() {
    local folder
    for folder in "${STRAYS[@]}"; do
        if [[ ! -e $folder ]]; then echo "$folder"; fi
    done >"$STATE/strays"
}

# The cgroup under which the kubelet puts all pods: one in every hierarchy of version 1, or one in all with version 2.
cgroup_roots() {
    local hierarchy
    if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then echo "/sys/fs/cgroup$CGROUP"; return; fi
    for hierarchy in /sys/fs/cgroup/*/; do
        # A link is another name of a hierarchy that is listed under its own name too.
        if [[ ! -L ${hierarchy%/} ]]; then echo "${hierarchy%/}$CGROUP"; fi
    done
}

make_cgroups() {
    local controller
    if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
        # Controllers must be handed down; one that cannot be is the kubelet's to complain about.
        for controller in $(</sys/fs/cgroup/cgroup.controllers); do
            echo "+$controller" 2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control || true
        done
    fi
    cgroup_roots | xargs mkdir -p
}

ctr_node() { ctr --address "$STATE/containerd.sock" --namespace k8s.io "$@"; }

load_image() { # TAR
    local output
    output=$(ctr_node images import --local "$1" 2>&1) || die "containerd refuses $1: $output"
}

start_containerd() {
    local RUNC; RUNC=$(command -v runc)
    mkdir -p "$STATE"/{containerd,cni}
    fill config/containerd.toml >"$STATE/containerd.toml"
    fill config/cni.conflist >"$STATE/cni/10-seraphim.conflist"
    start_daemon containerd containerd --config "$STATE/containerd.toml"
    wait_ready containerd 20 ctr_node images list
    load_image "$("$REPO/hack/image" "$PAUSE_IMAGE" "$(command -v pause)")"
}

start_kubelet() {
    fill config/kubelet.yaml >"$STATE/kubelet.yaml"
    start_daemon kubelet kubelet --config="$STATE/kubelet.yaml" --kubeconfig="$STATE/kubelet.kubeconfig" \
        --root-dir="$STATE/kubelet" --cert-dir="$STATE/kubelet/pki" --hostname-override="$NODE" --node-ip="$NODE_ADDRESS"
}

start_kube_proxy() {
    fill config/kube-proxy.yaml >"$STATE/kube-proxy.yaml"
    start_daemon kube-proxy kube-proxy --config="$STATE/kube-proxy.yaml" --hostname-override="$NODE"
}

node_ready() {
    [[ $(kubectl get node "$NODE" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

# Ready for pods, not only as a node: the scheduler refuses a tainted node, and pods need their service account.
node_schedulable() {
    node_ready && [[ -z $(kubectl get node "$NODE" -o 'jsonpath={.spec.taints}') ]] \
        && kubectl get serviceaccount default --namespace default
}
