#include "operator/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <iterator>

namespace seraphim::op {
namespace {

using ::prometheus::BuildCounter;
using ::prometheus::BuildGauge;
using ::prometheus::BuildHistogram;
using ::prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,   0.25,   0.5,   1,    2.5,   10};

/// A gauge whose value is asked for when somebody scrapes.
class QueueDepth final : public ::prometheus::Collectable {
 public:
  explicit QueueDepth(std::function<double()> depth) : depth_(std::move(depth)) {}
  std::vector<::prometheus::MetricFamily> Collect() const override {
    ::prometheus::ClientMetric metric;
    metric.gauge.value = depth_();
    ::prometheus::MetricFamily family;
    family.name = "seraphim_operator_queue_depth";
    family.help = "Objects that are due for a look and not yet looked at";
    family.type = ::prometheus::MetricType::Gauge;
    family.metric.push_back(metric);
    return {family};
  }

 private:
  const std::function<double()> depth_;
};

}  // namespace

struct Metrics::Parts {
  std::shared_ptr<::prometheus::Registry> registry = std::make_shared<::prometheus::Registry>();
  ::prometheus::Family<Histogram>& reconcile_seconds = BuildHistogram()
                                                           .Name("seraphim_operator_reconcile_seconds")
                                                           .Help("Duration of one look at one object")
                                                           .Register(*registry);
  ::prometheus::Family<::prometheus::Counter>& api_requests =
      BuildCounter()
          .Name("seraphim_operator_api_requests_total")
          .Help("Requests to the API server, watches not counted")
          .Register(*registry);
  ::prometheus::Family<::prometheus::Counter>& story =
      BuildCounter()
          .Name("seraphim_operator_events_total")
          .Help("What the operator told, by the reason of its Events")
          .Register(*registry);
  ::prometheus::Gauge& leading = BuildGauge()
                                     .Name("seraphim_operator_leading")
                                     .Help("1 while this replica holds the Lease")
                                     .Register(*registry)
                                     .Add({});
  Histogram& ok = reconcile_seconds.Add({{"outcome", "done"}}, kSeconds);
  Histogram& failed = reconcile_seconds.Add({{"outcome", "again"}}, kSeconds);
  std::shared_ptr<QueueDepth> queue_depth{};
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {}
Metrics::~Metrics() = default;

std::string Metrics::text() const {
  auto families = parts_->registry->Collect();
  if (parts_->queue_depth) {
    auto more = parts_->queue_depth->Collect();
    families.insert(families.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  return ::prometheus::TextSerializer().Serialize(families);
}

void Metrics::reconciled(std::chrono::duration<double> took, bool ok) {
  (ok ? parts_->ok : parts_->failed).Observe(took.count());
}

void Metrics::called(const kubernetes::CallRecord& call) {
  const std::string code =
      call.http == 0 ? std::string(kubernetes::to_string(call.error)) : std::to_string(call.http);
  parts_->api_requests.Add({{"verb", std::string(call.verb)}, {"resource", call.type.plural}, {"code", code}})
      .Increment();
}

void Metrics::told(const std::string& reason) {
  parts_->story.Add({{"reason", reason}}).Increment();
}

void Metrics::watch_queue_depth(std::function<double()> depth) {
  parts_->queue_depth = std::make_shared<QueueDepth>(std::move(depth));
}

void Metrics::set_leading(bool leading) {
  parts_->leading.Set(leading ? 1 : 0);
}

}  // namespace seraphim::op
