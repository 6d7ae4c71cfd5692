# shellcheck shell=bash
# The one cluster of this machine: its folder, its lock, its addresses and ports. Sourced after common.sh.

STATE=${SERAPHIM_STATE:-/var/lib/seraphim-cluster}
# The machine has one network stack, so it has room for one cluster; these two say which.
LOCK_FILE=/run/lock/seraphim-cluster
OWNER_FILE=/run/seraphim-cluster.state

NODE=seraphim
BRIDGE=seraphim0
NODE_ADDRESS=10.250.0.1
POD_CIDR=10.250.4.0/22
SERVICE_CIDR=10.96.0.0/16
SERVICE_ADDRESS=10.96.0.1       # of the Service `kubernetes`: the first address of the range
CGROUP=/seraphim-cluster
CNI_BIN=/usr/lib/cni
PAUSE_IMAGE=seraphim.local/pause:1

DAEMONS=(etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy traefik prometheus)
# What Kubernetes changes on the host; `down` puts the old values back.
SYSCTLS=(net.ipv4.ip_forward net.ipv6.conf.all.forwarding vm.overcommit_memory kernel.panic kernel.panic_on_oops
         kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

# Folders that the kubelet, containerd and CNI make at places of their own choice. Those that were not there before `up`
# go at `down`.
STRAYS=(/var/lib/kubelet /var/lib/cni /var/log/containers /run/containerd /usr/libexec/kubernetes)

need_root() {
    (( EUID == 0 )) || die "the cluster needs root (network, mounts, cgroups): run 'sudo -E hack/cluster $*'"
}

# Held while a cluster is brought up or down; a second caller waits for the first one.
take_lock() {
    exec {LOCK_FD}>"$LOCK_FILE"
    if ! flock --nonblock "$LOCK_FD"; then
        say "another hack/cluster is at work on this machine; waiting for it"
        flock --timeout 300 "$LOCK_FD" || die "another hack/cluster still holds $LOCK_FILE after 300 s"
    fi
}

# The state folder of the cluster that this machine has, dead or alive; empty when it has none.
owner() { if [[ -e $OWNER_FILE ]]; then cat "$OWNER_FILE"; fi; }

# Stops when somebody else's cluster is here. Leftovers of a dead one are no obstacle (`up` clears them).
refuse_collision() {
    local other; other=$(owner)
    if [[ -n $other && $other != "$STATE" ]]; then
        if in_state "$other" any_daemon_alive; then
            die "a cluster with its state in $other is up on this machine, and there is room for one only. Use it (SERAPHIM_STATE=$other hack/cluster env) or stop it (SERAPHIM_STATE=$other hack/cluster down)."
        fi
    fi
    # A node of another Kubernetes (k3s, kubeadm) shares the names of the nftables tables with ours.
    local pid ours; ours=$(in_state "${other:-$STATE}" daemon_pid kubelet || true)
    for pid in $(pidof kubelet k3s || true); do
        [[ $pid == "$ours" || $(readlink "/proc/$pid/ns/net") != $(readlink /proc/self/ns/net) ]] || die "this machine already runs a Kubernetes node (kubelet, pid $pid): hack/cluster would break its network."
    done
}

# in_state FOLDER COMMAND...: the command, with that folder as the state (bash hands locals down to what is called).
in_state() {
    local STATE=$1; shift
    "$@"
}

any_daemon_alive() {
    local name
    for name in "${DAEMONS[@]}"; do ! daemon_pid "$name" >/dev/null || return 0; done
    return 1
}

# free_port PREFERRED: that port or the next one that nobody listens on. Below the kernel's range for outgoing connections.
free_port() {
    local port=$1
    while [[ -n $(ss -Hltn "sport = :$port") ]]; do port=$(( port + 1 )); done
    echo "$port"
}

choose_ports() {
    API_PORT=$(free_port 26443)
    ETCD_PORT=$(free_port 22379)
    ETCD_PEER_PORT=$(free_port 22380)
    [[ $ETCD_PEER_PORT != "$ETCD_PORT" ]] || ETCD_PEER_PORT=$(free_port $(( ETCD_PORT + 1 )))
    KUBELET_PORT=$(free_port 20250)
    KUBE_PROXY_HEALTH_PORT=$(free_port 20256)
    KUBE_PROXY_METRICS_PORT=$(free_port 21249)
    ROUTER_PORT=$(free_port 28080)
    TRAEFIK_METRICS_PORT=$(free_port 28100)
    PROMETHEUS_PORT=$(free_port 29090)
    # For parts that are started again later.
    local name
    for name in API_PORT ETCD_PORT ETCD_PEER_PORT ROUTER_PORT TRAEFIK_METRICS_PORT PROMETHEUS_PORT; do
        echo "$name=${!name}"
    done >"$STATE/ports"
}

# The lines that `hack/cluster env` prints.
write_env() {
    cat >"$STATE/env.partial" <<EOF
export KUBECONFIG=$STATE/admin.kubeconfig
export SERAPHIM_OPERATOR_KUBECONFIG=$STATE/seraphim-operator.kubeconfig
export SERAPHIM_CLUSTER=$HACK/cluster
export SERAPHIM_CLUSTER_STATE=$STATE
export SERAPHIM_ETCD=http://127.0.0.1:$ETCD_PORT
export SERAPHIM_API_SERVER=https://$NODE_ADDRESS:$API_PORT
export SERAPHIM_PROMETHEUS=http://$NODE_ADDRESS:$PROMETHEUS_PORT
export SERAPHIM_PROMETHEUS_FOR_PODS=http://$NODE_ADDRESS:$PROMETHEUS_PORT
export SERAPHIM_ROUTER=http://$NODE_ADDRESS:$ROUTER_PORT
export SERAPHIM_ROUTER_FOR_PODS=http://$NODE_ADDRESS:$ROUTER_PORT
export SERAPHIM_ROUTER_METRICS=http://$NODE_ADDRESS:$TRAEFIK_METRICS_PORT/metrics
export SERAPHIM_GATEWAY=seraphim/seraphim
export SERAPHIM_AUDIT_LOG=$STATE/audit/audit.log
export SERAPHIM_PROMETHEUS_TARGETS=$STATE/prometheus-targets
export SERAPHIM_KUBECTL=$(command -v kubectl)
export SERAPHIM_HELM=$(command -v helm)
export SERAPHIM_PROMTOOL=$(command -v promtool)
EOF
    mv "$STATE/env.partial" "$STATE/env"
}

# fill TEMPLATE: a file of hack/kubernetes with its @NAMES@ replaced by the shell variables of the same names.
fill() {
    local text name
    text=$(<"$REPO/hack/kubernetes/$1")
    while [[ $text =~ @([A-Z_]+)@ ]]; do
        name=${BASH_REMATCH[1]}
        [[ -n ${!name:-} ]] || die "hack/kubernetes/$1 names @$name@, which is not set"
        text=${text//"@$name@"/"${!name}"}
    done
    printf '%s\n' "$text"
}
