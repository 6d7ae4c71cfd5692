# shellcheck shell=bash
# Takes a cluster away, whole or half-made, in the order that leaves nothing behind. Sourced after state.sh and process.sh.

# A container whose first process ignores SIGTERM costs its whole grace period; nobody waits for that here.
# The controllers are stopped before, or they would make new pods for the deleted ones.
delete_pods() {
    [[ -e $STATE/admin.kubeconfig ]] && daemon_pid kube-apiserver >/dev/null && daemon_pid kubelet >/dev/null || return 0
    KUBECONFIG=$STATE/admin.kubeconfig timeout 30 kubectl delete pods --all --all-namespaces --grace-period=1 --timeout=20s \
        >/dev/null 2>"$STATE/log/delete-pods.log" || warn "not every pod ended in time; they are killed"
}

# Processes in the pods' cgroups: containers, if any is left.
cgroup_pids() {
    local root
    cgroup_roots | while read -r root; do
        if [[ -d $root ]]; then find "$root" -name cgroup.procs -exec cat {} + 2>/dev/null; fi
    done | sort -un
}

# Shims outlive containerd; a shim of ours names our socket on its command line.
shim_pids() {
    local pid arguments
    for pid in $(pidof containerd-shim-runc-v2 || true); do
        arguments=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || continue
        if [[ $arguments == *" -address $STATE/containerd.sock "* ]]; then echo "$pid"; fi
    done
}

kill_containers() {
    local pids
    mapfile -t pids < <(shim_pids; cgroup_pids)
    stop_pids KILL 5 "${pids[@]}"
}

unmount_all() {
    local target
    # Mount points in mountinfo are escaped (\040 for a space); sorted backwards, the deepest comes first.
    while read -r target; do
        umount "$(printf '%b' "$target")" 2>/dev/null || umount --lazy "$(printf '%b' "$target")" || true
    done < <(awk -v state="$STATE/" 'index($5, state) == 1 { print $5 }' /proc/self/mountinfo | sort --reverse)
}

remove_cgroups() {
    # Children first; a cgroup goes by rmdir only, its files cannot be deleted.
    local root
    cgroup_roots | while read -r root; do
        if [[ -d $root ]]; then find "$root" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
    done
}

remove_network() {
    local family link
    for family in ip ip6; do nft delete table "$family" kube-proxy 2>/dev/null || true; done
    # The pods' links end with their network namespaces, which their unmounting has ended; the kernel does so in its own time.
    if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link delete "$BRIDGE"; fi
    while read -r link; do ip link delete "$link" 2>/dev/null || true; done \
        < <(ip -4 -o address show | awk -v a="${POD_CIDR%.*}" 'index($4, a ".") == 1 { print $2 }')
}

restore_sysctls() {
    if [[ -e $STATE/sysctls ]]; then sysctl --quiet --load="$STATE/sysctls" || true; fi
}

remove_strays() {
    local link folder
    for link in /var/log/containers/*; do
        if [[ -L $link && $(readlink "$link") == "$STATE"/* ]]; then rm -f "$link"; fi
    done
    [[ -e $STATE/strays ]] || return 0
    while read -r folder; do rm -rf --one-file-system "$folder"; done <"$STATE/strays"
}

# Removes the cluster whose state is in $STATE, and is content when there is none.
teardown() {
    if [[ ! -d $STATE ]]; then rm -f "$OWNER_FILE"; return 0; fi
    stop_daemons TERM 5 kube-controller-manager kube-scheduler
    delete_pods
    stop_daemons TERM 10 kubelet kube-proxy traefik prometheus contour envoy
    stop_daemons TERM 10 containerd
    kill_containers
    # The API server waits for open watches on SIGTERM, and nothing that these two hold is kept.
    stop_daemons KILL 5 kube-apiserver etcd
    unmount_all
    remove_network
    remove_cgroups
    restore_sysctls
    remove_strays
    rm -rf --one-file-system "$STATE"
    rm -f "$OWNER_FILE"
}
