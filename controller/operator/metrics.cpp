#include "operator/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <optional>

#include "operator/metric_family.h"
#include "operator/object_metrics.h"
#include "operator/version.h"

namespace seraphim::op {
namespace {

using ::prometheus::BuildCounter;
using ::prometheus::BuildGauge;
using ::prometheus::BuildHistogram;
using ::prometheus::Counter;
using ::prometheus::Family;
using ::prometheus::Histogram;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;
using Families = std::vector<MetricFamily>;

const Histogram::BucketBoundaries kCall{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

std::string code_of(int http, kubernetes::TransportError error) {
  return http == 0 ? std::string(to_string(error)) : std::to_string(http);
}

void append(Families& all, Families more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Families queue_metrics(const MetricSources& sources) {
  auto depth = metric_family("seraphim_operator_queue_depth",
                             "Objects that are due for a look and not yet looked at", MetricType::Gauge);
  add_gauge(depth, {}, static_cast<double>(sources.queue.depth()));
  auto longest = metric_family("seraphim_operator_longest_look_seconds",
                               "How long the look has been under way that is for the longest time; 0: none",
                               MetricType::Gauge);
  const auto look = sources.queue.longest_look();
  add_gauge(longest, {},
            look ? std::chrono::duration<double>(sources.clock.steady() - look->second).count() : 0);
  return {std::move(depth), std::move(longest)};
}

Families watch_metrics(const MetricSources& sources) {
  const auto family = [](const char* name, const char* help, MetricType type) {
    return metric_family(std::string("seraphim_operator_") + name, help, type);
  };
  auto lists = family("lists_total", "Whole lists begun", MetricType::Counter);
  auto watches =
      family("watches_total", "Watches begun; all but the first are restarts", MetricType::Counter);
  auto failures =
      family("watch_failures_total", "Lists and watches that ended in a failure", MetricType::Counter);
  auto events = family("watch_events_total", "Objects that watches brought", MetricType::Counter);
  auto silence = family("watch_silence_seconds",
                        "Since the last event, bookmark or list; absent before the first", MetricType::Gauge);
  for (const auto& watch : sources.watches()) {
    const MetricLabels labels{{"resource", watch.resource}};
    add_counter(lists, labels, static_cast<double>(watch.stats.lists));
    add_counter(watches, labels, static_cast<double>(watch.stats.watches));
    add_counter(failures, labels, static_cast<double>(watch.stats.failures));
    add_counter(events, labels, static_cast<double>(watch.stats.events));
    if (!watch.last_arrival) continue;
    add_gauge(silence, labels,
              std::chrono::duration<double>(sources.clock.steady() - *watch.last_arrival).count());
  }
  return {std::move(lists), std::move(watches), std::move(failures), std::move(events), std::move(silence)};
}

}  // namespace

struct Metrics::Parts {
  ::prometheus::Registry registry{};
  Family<Histogram>& reconcile_seconds = BuildHistogram()
                                             .Name("seraphim_operator_reconcile_seconds")
                                             .Help("Duration of one look at one object")
                                             .Register(registry);
  Family<Counter>& api_requests =
      BuildCounter()
          .Name("seraphim_operator_api_requests_total")
          .Help("Requests to the API server; lists and watches are not among them")
          .Register(registry);
  Family<Histogram>& api_seconds = BuildHistogram()
                                       .Name("seraphim_operator_api_request_seconds")
                                       .Help("Duration of these requests")
                                       .Register(registry);
  Family<Counter>& prometheus_requests = BuildCounter()
                                             .Name("seraphim_operator_prometheus_requests_total")
                                             .Help("Queries to all Prometheus servers")
                                             .Register(registry);
  Histogram& prometheus_seconds = BuildHistogram()
                                      .Name("seraphim_operator_prometheus_request_seconds")
                                      .Help("Duration of these queries")
                                      .Register(registry)
                                      .Add({}, kCall);
  Family<Counter>& story = BuildCounter()
                               .Name("seraphim_operator_events_total")
                               .Help("What the operator told, by the reason of its Events")
                               .Register(registry);
  ::prometheus::Gauge& leading = BuildGauge()
                                     .Name("seraphim_operator_leading")
                                     .Help("1 while this replica holds the Lease")
                                     .Register(registry)
                                     .Add({});
  ::prometheus::Gauge& build = BuildGauge()
                                   .Name("seraphim_operator_build_info")
                                   .Help("Always 1")
                                   .Register(registry)
                                   .Add({{"version", kVersion}, {"commit", kCommit}});
  Histogram& done = reconcile_seconds.Add({{"outcome", "done"}}, kCall);
  Histogram& again = reconcile_seconds.Add({{"outcome", "again"}}, kCall);
  RolloutMetrics rollouts{registry};
  std::optional<MetricSources> sources{};
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  parts_->build.Set(1);
}

Metrics::~Metrics() = default;

void Metrics::watch(MetricSources sources) {
  parts_->sources.emplace(std::move(sources));
}

std::string Metrics::text() const {
  Families families = parts_->registry.Collect();
  if (const auto& sources = parts_->sources) {
    append(families, queue_metrics(*sources));
    append(families, watch_metrics(*sources));
    append(families, object_metrics(sources->deployments()));
  }
  return ::prometheus::TextSerializer().Serialize(families);
}

void Metrics::reconciled(std::chrono::duration<double> took, bool ok) {
  (ok ? parts_->done : parts_->again).Observe(took.count());
}

void Metrics::called(const kubernetes::CallRecord& call) {
  const std::string verb(call.verb);
  parts_->api_requests
      .Add({{"verb", verb}, {"resource", call.type.plural}, {"code", code_of(call.http, call.error)}})
      .Increment();
  parts_->api_seconds.Add({{"verb", verb}}, kCall).Observe(std::chrono::duration<double>(call.took).count());
}

void Metrics::asked_prometheus(const kubernetes::CallStatus& status, std::chrono::duration<double> took) {
  parts_->prometheus_requests.Add({{"code", code_of(status.http, status.error)}}).Increment();
  parts_->prometheus_seconds.Observe(took.count());
}

void Metrics::told(const std::string& reason) {
  parts_->story.Add({{"reason", reason}}).Increment();
}

void Metrics::set_leading(bool leading) {
  parts_->leading.Set(leading ? 1 : 0);
}

RolloutMetrics& Metrics::rollouts() {
  return parts_->rollouts;
}

}  // namespace seraphim::op
