# shellcheck shell=bash
# The cluster's own certificate authority, its certificates and kubeconfigs. Sourced after state.sh.

new_authority() {
    mkdir -p "$STATE/pki"
    openssl req -config "$REPO/hack/kubernetes/config/openssl.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
        -days 3650 -subj /CN=seraphim-cluster -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign,digitalSignature \
        -keyout "$STATE/pki/ca.key" -out "$STATE/pki/ca.crt" 2>/dev/null
}

# certificate NAME SUBJECT USAGE [SUBJECT-ALTERNATIVE-NAMES]: pki/NAME.key and pki/NAME.crt; the usage is clientAuth or serverAuth.
certificate() {
    local extra=()
    (( $# < 4 )) || extra=(-addext "subjectAltName=$4")
    openssl req -config "$REPO/hack/kubernetes/config/openssl.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
        -days 3650 -subj "$2" -CA "$STATE/pki/ca.crt" -CAkey "$STATE/pki/ca.key" \
        -addext basicConstraints=CA:FALSE -addext keyUsage=digitalSignature -addext "extendedKeyUsage=$3" "${extra[@]}" \
        -keyout "$STATE/pki/$1.key" -out "$STATE/pki/$1.crt" 2>/dev/null
}

# kubeconfig NAME SUBJECT: NAME.kubeconfig with a client certificate of that subject inside.
kubeconfig() {
    certificate "$1" "$2" clientAuth
    cat >"$STATE/$1.kubeconfig" <<EOF
apiVersion: v1
kind: Config
current-context: seraphim
clusters:
  - name: seraphim
    cluster:
      server: https://$NODE_ADDRESS:$API_PORT
      certificate-authority-data: $(base64 -w 0 "$STATE/pki/ca.crt")
contexts:
  - {name: seraphim, context: {cluster: seraphim, user: $1}}
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w 0 "$STATE/pki/$1.crt")
      client-key-data: $(base64 -w 0 "$STATE/pki/$1.key")
EOF
}

make_pki() {
    new_authority
    certificate apiserver /CN=kube-apiserver serverAuth \
        "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:$NODE_ADDRESS,IP:$SERVICE_ADDRESS,IP:127.0.0.1"
    certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
    certificate kubelet-server "/CN=$NODE" serverAuth "DNS:$NODE,IP:$NODE_ADDRESS"
    openssl ecparam -name prime256v1 -genkey -noout -out "$STATE/pki/service-accounts.key"
    openssl ec -in "$STATE/pki/service-accounts.key" -pubout -out "$STATE/pki/service-accounts.pub" 2>/dev/null
    kubeconfig admin /O=system:masters/CN=admin
    kubeconfig kube-controller-manager /CN=system:kube-controller-manager
    kubeconfig kube-scheduler /CN=system:kube-scheduler
    kubeconfig kubelet "/O=system:nodes/CN=system:node:$NODE"
    kubeconfig kube-proxy /CN=system:kube-proxy
    kubeconfig traefik /CN=traefik
    kubeconfig prometheus /CN=prometheus
    kubeconfig seraphim-operator /CN=seraphim-operator      # bound to its role by manifests/rbac.yaml
}
