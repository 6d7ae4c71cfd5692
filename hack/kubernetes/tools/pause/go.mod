// The first process of every pod's sandbox: it holds the namespaces and reaps orphans.
module seraphim/hack/kubernetes/tools/pause

go 1.26.0

tool seraphim/hack/kubernetes/tools/pause
