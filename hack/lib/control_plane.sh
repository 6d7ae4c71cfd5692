# shellcheck shell=bash
# etcd, API server, controller manager, scheduler. Sourced after state.sh, process.sh and pki.sh.

api_ready() {
    curl --silent --fail --max-time 2 --cacert "$STATE/pki/ca.crt" --cert "$STATE/pki/admin.crt" --key "$STATE/pki/admin.key" \
        "https://$NODE_ADDRESS:$API_PORT/readyz"
}

start_etcd() {
    # Nothing here must survive a power cut, so etcd need not wait for the disk.
    start_daemon etcd etcd --name=seraphim --data-dir="$STATE/etcd" --unsafe-no-fsync --log-level=warn \
        --listen-client-urls="http://127.0.0.1:$ETCD_PORT" --advertise-client-urls="http://127.0.0.1:$ETCD_PORT" \
        --listen-peer-urls="http://127.0.0.1:$ETCD_PEER_PORT" \
        --initial-advertise-peer-urls="http://127.0.0.1:$ETCD_PEER_PORT" \
        --initial-cluster="seraphim=http://127.0.0.1:$ETCD_PEER_PORT"
    wait_ready etcd 20 curl --silent --fail --max-time 2 "http://127.0.0.1:$ETCD_PORT/health"
}

start_apiserver() { # [FLAG...]
    mkdir -p "$STATE/audit"
    # Bound to the bridge's address, not to loopback: the Service `kubernetes` may not point at loopback,
    # and not to every address: the cluster is nobody else's business.
    start_daemon kube-apiserver kube-apiserver \
        --bind-address="$NODE_ADDRESS" --advertise-address="$NODE_ADDRESS" --secure-port="$API_PORT" \
        --etcd-servers="http://127.0.0.1:$ETCD_PORT" \
        --service-cluster-ip-range="$SERVICE_CIDR" \
        --authorization-mode=Node,RBAC --allow-privileged=true \
        --client-ca-file="$STATE/pki/ca.crt" \
        --tls-cert-file="$STATE/pki/apiserver.crt" --tls-private-key-file="$STATE/pki/apiserver.key" \
        --kubelet-client-certificate="$STATE/pki/apiserver-kubelet-client.crt" \
        --kubelet-client-key="$STATE/pki/apiserver-kubelet-client.key" \
        --kubelet-certificate-authority="$STATE/pki/ca.crt" \
        --kubelet-preferred-address-types=InternalIP \
        --service-account-issuer=https://kubernetes.default.svc \
        --service-account-signing-key-file="$STATE/pki/service-accounts.key" \
        --service-account-key-file="$STATE/pki/service-accounts.pub" \
        --audit-policy-file="$REPO/hack/kubernetes/config/audit-policy.yaml" \
        --audit-log-path="$STATE/audit/audit.log" --audit-log-format=json --audit-log-mode=blocking \
        --audit-log-maxsize=2000 --audit-log-maxbackup=1 \
        --enable-admission-plugins=OwnerReferencesPermissionEnforcement --profiling=false "$@"
    wait_ready kube-apiserver 60 api_ready
}

start_controllers() {
    start_daemon kube-controller-manager kube-controller-manager --kubeconfig="$STATE/kube-controller-manager.kubeconfig" \
        --secure-port=0 --leader-elect=false --use-service-account-credentials=true \
        --root-ca-file="$STATE/pki/ca.crt" \
        --service-account-private-key-file="$STATE/pki/service-accounts.key" \
        --cluster-signing-cert-file="$STATE/pki/ca.crt" --cluster-signing-key-file="$STATE/pki/ca.key" \
        --kube-api-qps=200 --kube-api-burst=400 --profiling=false \
        --flex-volume-plugin-dir="$STATE/volume-plugins"
    start_daemon kube-scheduler kube-scheduler --kubeconfig="$STATE/kube-scheduler.kubeconfig" \
        --secure-port=0 --leader-elect=false --kube-api-qps=200 --kube-api-burst=400 --profiling=false
}
