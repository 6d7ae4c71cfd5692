#include "operator/informers.h"

#include "api/seraphim_deployment.h"

namespace seraphim::op {
namespace {

kubernetes::ReflectorOptions all_in(const std::string& namespace_) {
  return {.namespace_ = namespace_};
}

/// Children carry the label of their SeraphimDeployment; nothing else of these kinds is the operator's
/// business.
kubernetes::ReflectorOptions children_in(const std::string& namespace_) {
  return {.namespace_ = namespace_, .label_selector = api::kLabelName};
}

}  // namespace

Informers::Informers(kubernetes::Transport& transport, const std::string& namespace_, bool gateway_api,
                     const kubernetes::Clock& clock, const kubernetes::Random& random,
                     const std::function<void(const std::string&)>& report)
    : deployments_(transport, all_in(namespace_), clock, random, report),
      revisions_(transport, children_in(namespace_), clock, random, report),
      replica_sets_(transport, children_in(namespace_), clock, random, report),
      pods_(transport, children_in(namespace_), clock, random, report),
      services_(transport, children_in(namespace_), clock, random, report),
      endpoint_slices_(transport, children_in(namespace_), clock, random, report),
      gateways_(transport, all_in(namespace_), clock, random, report) {
  if (gateway_api) http_routes_.emplace(transport, all_in(namespace_), clock, random, report);
}

ClusterView Informers::view() {
  return {.deployments = deployments_.store(),
          .revisions = revisions_.store(),
          .replica_sets = replica_sets_.store(),
          .pods = pods_.store(),
          .services = services_.store(),
          .endpoint_slices = endpoint_slices_.store(),
          .http_routes = http_routes_ ? &http_routes_->store() : nullptr,
          .gateways = &gateways_.store()};
}

void Informers::start() {
  deployments_.start();
  revisions_.start();
  replica_sets_.start();
  pods_.start();
  services_.start();
  endpoint_slices_.start();
  if (http_routes_) http_routes_->start();
}

void Informers::watch_gateways() {
  if (!gateways_watched_.exchange(true)) gateways_.start();
}

bool Informers::synced() const {
  if (gateways_watched_ && !gateways_.synced()) return false;
  return deployments_.synced() && revisions_.synced() && replica_sets_.synced() && pods_.synced() &&
         services_.synced() && endpoint_slices_.synced() && (!http_routes_ || http_routes_->synced());
}

std::vector<kubernetes::WatchState> Informers::states() const {
  std::vector<kubernetes::WatchState> states{deployments_.state(),  revisions_.state(),
                                             replica_sets_.state(), pods_.state(),
                                             services_.state(),     endpoint_slices_.state()};
  if (http_routes_) states.push_back(http_routes_->state());
  if (gateways_watched_) states.push_back(gateways_.state());
  return states;
}

void Informers::stop() {
  deployments_.stop();
  revisions_.stop();
  replica_sets_.stop();
  pods_.stop();
  services_.stop();
  endpoint_slices_.stop();
  if (http_routes_) http_routes_->stop();
  if (gateways_watched_) gateways_.stop();
}

}  // namespace seraphim::op
