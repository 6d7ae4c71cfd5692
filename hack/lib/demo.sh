# shellcheck shell=bash
# The parts of hack/demo. Sourced after common.sh.

DEMO_NAMESPACE=seraphim-demo
DEMO_NAME=sentiment
DEMO_BUILD=$REPO/build/release
DEMO_WORK=${TMPDIR:-/tmp}/seraphim-demo.$$
DEMO_KEPT=$REPO/build/demo
OPERATOR_PID=''
BROUGHT_UP=false
OUTCOME=1

demo_end() {
    local status=$?
    trap - EXIT INT TERM
    if (( status != 0 )) && [[ -e $DEMO_WORK/operator.log ]]; then
        printf -- '--- last lines of the operator log\n%s\n---\n' "$(tail -n 25 "$DEMO_WORK/operator.log")" >&2
    fi
    if $KEEP && (( status == 0 )); then
        say "left running. Look: eval \"\$(hack/cluster env)\"; kubectl -n $DEMO_NAMESPACE describe sdep $DEMO_NAME"
        say "the operator's pid is $OPERATOR_PID, its log $DEMO_WORK/operator.log, timelines and charts of the rollouts are beside it; take it all away: kill $OPERATOR_PID; hack/cluster down"
    else
        stop_operator
        clean_up_demo
    fi
    if (( status == 0 && OUTCOME == 0 )); then echo "demo: ok"; exit 0; fi
    echo "demo: failed"
    exit 1
}

stop_operator() {
    [[ -n $OPERATOR_PID ]] || return 0
    kill "$OPERATOR_PID" 2>/dev/null || true
    wait "$OPERATOR_PID" 2>/dev/null || true
    OPERATOR_PID=''
}

clean_up_demo() {
    if $BROUGHT_UP; then
        "$HACK/cluster" down || warn "the cluster could not be taken down"
    elif [[ -n ${SERAPHIM_KUBECTL:-} ]]; then
        kubectl delete namespace "$DEMO_NAMESPACE" --ignore-not-found --timeout=60s >/dev/null 2>&1 || warn "namespace $DEMO_NAMESPACE is still there"
    fi
    rm -rf "$DEMO_WORK"
}

build_demo() {
    mkdir -p "$DEMO_WORK"
    # Beside our own build: fetching and linking leave a processor idle now and then.
    "$HACK/cluster" build >"$DEMO_WORK/cluster-build.log" 2>&1 </dev/null &
    local cluster_build=$!
    say "building the operator and the demo's programs"
    (cd "$REPO" && cmake --preset release >"$DEMO_WORK/configure.log" 2>&1) || { cat "$DEMO_WORK/configure.log" >&2; die "configuring failed"; }
    cmake --build "$DEMO_BUILD" --target seraphim-operator kubectl-seraphim demo-model-server demo-gateway demo-load-generator >"$DEMO_WORK/build.log" 2>&1 \
        || { tail -n 40 "$DEMO_WORK/build.log" >&2; die "building failed"; }
    while kill -0 "$cluster_build" 2>/dev/null; do
        say "building the cluster's programs (once): $(tail -n 1 "$DEMO_WORK/cluster-build.log")"
        # Returns as soon as the build has ended.
        timeout 15 tail --pid="$cluster_build" -f /dev/null || true
    done
    wait "$cluster_build" || { tail -n 20 "$DEMO_WORK/cluster-build.log" >&2; die "the cluster's programs could not be built"; }
}

bring_up_demo() {
    "$HACK/cluster" healthy || BROUGHT_UP=true
    "$HACK/cluster" up
    # shellcheck source=/dev/null
    source <("$HACK/cluster" env)
    kubectl() { "$SERAPHIM_KUBECTL" "$@"; }
    "$HACK/load-demo-images" "$DEMO_BUILD"
    kubectl delete namespace "$DEMO_NAMESPACE" --ignore-not-found --timeout=60s >/dev/null
    kubectl apply --server-side --force-conflicts --filename "$REPO/crds" --filename "$REPO/manifests/rbac.yaml" >/dev/null
    kubectl wait --for=condition=Established --timeout=20s --filename "$REPO/crds" >/dev/null
    kubectl create namespace "$DEMO_NAMESPACE" >/dev/null
    demo_route | kubectl apply --filename - >/dev/null
}

start_operator() {
    say "starting the operator"
    "$DEMO_BUILD/controller/seraphim-operator" --kubeconfig "$SERAPHIM_OPERATOR_KUBECONFIG" --namespace "$DEMO_NAMESPACE" \
        --lease-namespace "$DEMO_NAMESPACE" --metrics-address '' --log-level debug >"$DEMO_WORK/operator.log" 2>&1 </dev/null &
    OPERATOR_PID=$!
}

demo_route() {
    cat <<YAML
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: $DEMO_NAME, namespace: $DEMO_NAMESPACE}
spec:
  parentRefs: [{name: ${SERAPHIM_GATEWAY#*/}, namespace: ${SERAPHIM_GATEWAY%/*}}]
  hostnames: [sentiment.demo]
  rules:
    - backendRefs:
        - {name: $DEMO_NAME-stable, port: 8080, weight: 100}
        - {name: $DEMO_NAME-candidate, port: 8080, weight: 0}
YAML
}

# apply_model VERSION FAILURE_RATE NEVER_READY
apply_model() {
    tee "$DEMO_WORK/$1.yaml" <<YAML | kubectl apply --filename - >/dev/null
apiVersion: serving.seraphim.io/v1alpha1
kind: SeraphimDeployment
metadata: {name: $DEMO_NAME, namespace: $DEMO_NAMESPACE}
spec:
  workload:
    pods:
      replicas: 2
      port: 8080
      progressDeadlineSeconds: 10
      template:
        metadata:
          annotations: {prometheus.io/scrape: "true", prometheus.io/port: "8080"}
        spec:
          terminationGracePeriodSeconds: 8
          containers:
            - name: model
              image: seraphim.local/demo-model-server:demo
              imagePullPolicy: Never
              env:
                - {name: MODEL_VERSION, value: $1}
                - {name: FAILURE_RATE, value: "$2"}
                - {name: NEVER_READY, value: "$3"}
              ports: [{containerPort: 8080}]
              readinessProbe: {httpGet: {path: /readyz, port: 8080}, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 5}
  traffic:
    gatewayAPI: {routes: [{name: $DEMO_NAME}]}
  strategy:
    canary:
      steps: [{weight: 10, hold: 5s}, {weight: 25, hold: 5s}, {weight: 50}]
      scaleDownDelay: 10s
  analysis:
    prometheus: {address: "$SERAPHIM_PROMETHEUS"}
    interval: 1s
YAML
}

client_pod() {
    cat <<YAML
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: $DEMO_NAMESPACE, labels: {app: client}}
spec:
  terminationGracePeriodSeconds: 2
  restartPolicy: Never
  containers:
    - name: client
      image: seraphim.local/demo-load-generator:demo
      imagePullPolicy: Never
      args: [--url, "$SERAPHIM_ROUTER_FOR_PODS/predict", --host, sentiment.demo, --body, '{"text": "a fine day"}',
             --rate, "50", --duration, "0s", --status-port, "8081", --status-address, 0.0.0.0]
YAML
}

start_client() {
    client_pod | kubectl apply --filename - >/dev/null
    kubectl wait --namespace "$DEMO_NAMESPACE" --for=condition=Ready --timeout=30s pod/client >/dev/null
    CLIENT_ADDRESS=$(kubectl get pod client --namespace "$DEMO_NAMESPACE" --output 'jsonpath={.status.podIP}')
    wait_until 10 client_status || die "the client does not answer"
}

client_status() { curl --silent --fail --max-time 3 --noproxy '*' "http://$CLIENT_ADDRESS:8081/status"; }
client_answers() { client_status | jq --exit-status --argjson count "$1" '.ok + .failed >= $count'; }

client_sees_answers() { # COUNT
    wait_until 30 client_answers "$1" || die "the client gets no answers through the router"
}

# A new window of the client's books: what is sent from now on belongs to this version's rollout.
mark() { # WINDOW
    curl --silent --fail --max-time 3 --noproxy '*' --data "{\"name\": \"$1\"}" "http://$CLIENT_ADDRESS:8081/mark" >/dev/null
}

deployment_json() { kubectl get sdep "$DEMO_NAME" --namespace "$DEMO_NAMESPACE" --output json; }

# Phase, but only when it speaks of the newest spec.
current_phase() {
    deployment_json | jq --raw-output 'if .status.observedGeneration == .metadata.generation then .status.phase else "" end'
}
phase_is() { [[ $(current_phase) == "$1" ]]; }

wait_for_phase() { # PHASE SECONDS
    wait_until "$2" phase_is "$1" || { show_objects; die "the phase is not $1 after $2 s"; }
}

# Prints each change of phase, step and weight until the phase is reached; driven by a watch.
follow_until() { # PHASE SECONDS
    local wanted=$1 generation observed phase rest line last='' watch
    exec {watch}< <(timeout "$2" "$SERAPHIM_KUBECTL" get sdep "$DEMO_NAME" --namespace "$DEMO_NAMESPACE" --watch --output \
        'jsonpath={.metadata.generation} {.status.observedGeneration} {.status.phase}|step {.status.step}, weight {.status.weight.applied}, rollback evidence {.status.evidence.rollbackEvidence}, promotion evidence {.status.evidence.promotionEvidence}{"\n"}' 2>/dev/null)
    local pid=$!
    while read -r -u "$watch" generation observed rest; do
        phase=${rest%%|*} line="${rest%%|*}: ${rest#*|}"
        [[ $generation == "$observed" ]] || continue
        [[ $line == "$last" ]] || say "  $line"
        last=$line
        if [[ $phase == "$wanted" ]]; then
            kill "$pid" 2>/dev/null || true
            exec {watch}<&-
            return 0
        fi
    done
    exec {watch}<&-
    show_objects
    die "the phase is not $wanted after $2 s"
}

# The stable revision's pods are those of the version.
promoted() { # VERSION
    local revision version
    revision=$(deployment_json | jq --raw-output .status.stableRevision)
    version=$(kubectl get rs "$revision" --namespace "$DEMO_NAMESPACE" --output json \
        | jq --raw-output '.spec.template.spec.containers[0].env[] | select(.name == "MODEL_VERSION").value')
    [[ $version == "$1" ]] || die "$version serves, and not $1"
}

show_objects() {
    echo
    kubectl get sdep --namespace "$DEMO_NAMESPACE" || true
    echo
    kubectl describe sdep "$DEMO_NAME" --namespace "$DEMO_NAMESPACE" | sed '/Managed Fields/,/^Spec/{/^Spec/!d}' || true
    echo
}

# Every weight that the operator wrote, from the API server's audit log: "MILLISECONDS WEIGHT" a line.
written_weights() {
    jq --raw-output --arg namespace "$DEMO_NAMESPACE" '
        select(.user.username == "seraphim-operator" and .objectRef.resource == "httproutes" and .objectRef.namespace == $namespace
               and .verb == "patch" and (.responseStatus.code // 0) < 300 and .stage == "ResponseComplete")
        | (.stageTimestamp | sub("\\.(?<fraction>[0-9]+)Z$"; "Z") | fromdate) as $seconds
        | (.stageTimestamp | capture("\\.(?<digits>[0-9]{3})").digits | tonumber) as $ms
        | [.requestObject[] | select(.path | test("backendRefs/1/weight"))][0].value as $weight
        | select($weight != null) | "\($seconds * 1000 + $ms) \($weight)"' "$SERAPHIM_AUDIT_LOG"
}

# What the client saw of a version: key by key, over all windows.
client_of() { # VERSION KEY
    client_status | jq --raw-output --arg version "$1" --arg key "$2" '.by_version[$version][$key] // 0'
}

# Seconds from the client's first failed response of the version to the first weight 0 after it; "-" when none failed.
seconds_to_zero() { # VERSION
    local first
    first=$(client_status | jq --raw-output --arg version "$1" '.first_failure_at[$version] // empty')
    [[ -n $first ]] || { echo -; return; }
    written_weights | awk -v first="$first" '$1 >= first && $2 == 0 { printf "%.1f\n", ($1 - first) / 1000; exit }'
}

# The weights that were written between two marks of the client.
weights_in_window() { # WINDOW NEXT-WINDOW
    local from to
    from=$(client_status | jq --arg name "$1" '.windows[] | select(.name == $name).started_at')
    to=$(client_status | jq --arg name "$2" '.windows[] | select(.name == $name).started_at')
    written_weights | awk -v from="$from" -v to="$to" '$1 >= from && $1 < to { line = line (line == "" ? "" : " ") $2 } END { print line == "" ? "-" : line }'
}

verdict_of() { # NUMBER
    kubectl get controllerrevisions --namespace "$DEMO_NAMESPACE" --selector "serving.seraphim.io/name=$DEMO_NAME" --output json \
        | jq --raw-output --argjson number "$1" '.items[] | select(.revision == $number)
            | .metadata.annotations["serving.seraphim.io/verdict"] // "none"'
}

# What the operator wrote about the revision's rollback, with its chart: into this folder, which stays.
post_mortem_folder() { echo "$DEMO_KEPT/post-mortem-v$1"; } # NUMBER
post_mortem() { # NUMBER
    rm -rf "$(post_mortem_folder "$1")"
    "$DEMO_BUILD/controller/kubectl-seraphim" post-mortem "$DEMO_NAME" --namespace "$DEMO_NAMESPACE" --revision "$1" \
        --output-dir "$(post_mortem_folder "$1")" >/dev/null || true
}
post_mortem_column() { # NUMBER
    if [[ $1 == 3 && -e $(post_mortem_folder 3)/post-mortem.md ]]; then echo "build/demo/post-mortem-v3"; else echo -; fi
}

show_table() {
    local number
    printf '%-9s %-8s %-11s %-18s %-28s %-21s %s\n' revision version verdict 'weights written' 'first failure to weight 0' 'bad responses served' post-mortem
    printf '%-9s %-8s %-11s %-18s %-28s %-21s %s\n' 1 v1 "$(verdict_of 1)" - - "$(client_of v1 failed)" -
    for number in 2 3 4; do
        printf '%-9s %-8s %-11s %-18s %-28s %-21s %s\n' "$number" "v$number" "$(verdict_of "$number")" \
            "$(weights_in_window "v$number" "$( (( number == 4 )) && echo end || echo "v$(( number + 1 ))" )")" \
            "$(seconds_to_zero "v$number" | sed 's/[0-9]$/& s/')" "$(client_of "v$number" failed)" "$(post_mortem_column "$number")"
    done
    echo
}

revision_name() { # NUMBER
    kubectl get controllerrevisions --namespace "$DEMO_NAMESPACE" --selector "serving.seraphim.io/name=$DEMO_NAME" --output json \
        | jq --raw-output --argjson number "$1" '.items[] | select(.revision == $number).metadata.name'
}

# The same decisions once more, from Prometheus's history alone. The last line says how many looks differ from the operator's log.
replay() { # STABLE-NUMBER CANDIDATE-NUMBER
    local status=0
    "$DEMO_BUILD/controller/kubectl-seraphim" simulate --filename "$DEMO_WORK/v$2.yaml" --stable "$(revision_name "$1")" \
        --candidate "$(revision_name "$2")" --compare "$DEMO_WORK/operator.log" --export "$DEMO_WORK/v$2-history.json" \
        --chart "$DEMO_WORK/v$2.svg" >"$DEMO_WORK/v$2-timeline.txt" 2>"$DEMO_WORK/v$2-compare.txt" || status=$?
    say "simulate over the recorded history of revision $2 (exit code $status): $(tail -n 1 "$DEMO_WORK/v$2-compare.txt")"
    [[ $status != 3 ]] || head -n 20 "$DEMO_WORK/v$2-compare.txt" >&2
    return "$status"
}

expect() { # SENTENCE COMMAND...
    local sentence=$1; shift
    "$@" >/dev/null 2>&1 || { warn "not so: $sentence"; OUTCOME=1; }
}

check_outcome() {
    local status good=0 bad=0; status=$(client_status)
    replay 1 2 || good=$?
    replay 2 3 || bad=$?
    OUTCOME=0
    expect "revision 1 is Healthy" [ "$(verdict_of 1)" = Healthy ]
    expect "revision 2 is Healthy" [ "$(verdict_of 2)" = Healthy ]
    expect "revision 3 is Failed" [ "$(verdict_of 3)" = Failed ]
    expect "revision 4 is Failed" [ "$(verdict_of 4)" = Failed ]
    expect "revision 4 got no traffic" [ "$(client_of v4 ok)$(client_of v4 failed)" = 00 ]
    expect "no request failed while revision 2 was promoted" jq --exit-status '.windows[] | select(.name == "v2") | .failed == 0 and .sent > 0' <<<"$status"
    expect "only revision 3 answered with errors" jq --exit-status '.failed == (.by_version.v3.failed // 0)' <<<"$status"
    expect "revision 2 serves at the end" promoted v2
    expect "revision 3 has a post-mortem with its name and a chart" grep --quiet "revision 3 was rolled back to revision 2" "$(post_mortem_folder 3)/post-mortem.md"
    expect "the chart of the post-mortem has curves" grep --quiet '<polyline' "$(post_mortem_folder 3)/chart.svg"
    expect "simulate promotes revision 2 as the operator did, look by look" [ "$good" = 0 ]
    expect "simulate rolls revision 3 back as the operator did, look by look" [ "$bad" = 1 ]
}
