#include "simulation/telemetry.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"
#include "simulation/api_server.h"

namespace seraphim::simulation {

using kubernetes::CallStatus;
using kubernetes::Request;
using kubernetes::Response;
using kubernetes::TransportError;
using nlohmann::json;

namespace {

constexpr double kGoodRate = 0.003, kBadRate = 0.4;
constexpr auto kTurnsBadAfter = 12s;
constexpr auto kRetention = 120s;
constexpr auto kIngestion = 20ms;

void append_series(std::string& out, const std::string& pod, const std::string& revision, const char* outcome,
                   const std::string& values) {
  out += out.empty() ? "" : ",";
  out += R"({"metric":{"__name__":"seraphim_inference_requests_total","namespace":"shop","revision":")" +
         revision + R"(","pod":")" + pod + R"(","outcome":")" + outcome + R"("},"values":[)" + values + "]}";
}

std::string seconds_text(SimTime epoch_ms) {
  const auto ms = epoch_ms.count();
  std::string fraction = std::to_string(1000 + ms % 1000);
  fraction[0] = '.';
  return std::to_string(ms / 1000) + fraction;
}

/// The range of a query: "[15s]" or "[1500ms]", percent-encoded.
std::chrono::milliseconds window_of(const std::string& body) {
  const std::size_t at = body.find("%5B");
  if (at == std::string::npos) return 15s;
  std::int64_t count = 0;
  const auto parsed = std::from_chars(body.data() + at + 3, body.data() + body.size(), count);
  return *parsed.ptr == 'm' ? std::chrono::milliseconds(count) : std::chrono::seconds(count);
}

}  // namespace

// --- Router

Router::Router(const ApiStore& store, const Cluster& cluster, const WorldClock& clock, Seed seed,
               int per_second)
    : store_(store), cluster_(cluster), clock_(clock), chance_(seed, "router"), per_second_(per_second) {}

void Router::on_write(const Write& write) {
  if (write.kind != Kind::routes) return;
  apply_at_ = std::min(apply_at_, clock_.now + chance_.between(30ms, 800ms) + lag_);
}

void Router::act() {
  catch_up();
  apply_at_ = kNever;
  backends_.clear();
  for (const auto& entry : store_.all(Kind::routes)) {
    for (const json& rule : kubernetes::elements(kubernetes::member(*entry.second->value, "spec"), "rules")) {
      for (const json& backend : kubernetes::elements(rule, "backendRefs")) {
        backends_.push_back(
            {kubernetes::text_or(backend, "name"), kubernetes::int64_or(backend, "weight", 1)});
      }
    }
    return;
  }
}

std::optional<SimTime> Router::failing_since(const std::string& revision) const {
  const PodGroup* group = cluster_.group(revision);
  const auto since = serving_since_.find(revision);
  if (group == nullptr || since == serving_since_.end()) return std::nullopt;
  if (group->behaviour == Behaviour::bad) return since->second;
  const SimTime turns = since->second + kTurnsBadAfter;
  return group->behaviour == Behaviour::late && clock_.now > turns ? std::optional(turns) : std::nullopt;
}

double Router::failure_rate(const std::string& revision) const {
  return failing_since(revision) ? kBadRate : kGoodRate;
}

void Router::catch_up() {
  const SimTime passed = clock_.now - counted_until_;
  if (passed < 100ms) return;  // so that a burst of changes costs nothing
  counted_until_ = clock_.now;
  std::int64_t sum = 0;
  for (const Backend& backend : backends_) sum += backend.weight;
  if (sum <= 0) return;
  const double all = per_second_ * std::chrono::duration<double>(passed).count() + left_over_;
  left_over_ = all - static_cast<double>(static_cast<std::int64_t>(all));
  for (const Backend& backend : backends_) {
    if (backend.weight <= 0) continue;
    const auto pods = cluster_.endpoints(backend.service);
    if (pods.empty()) continue;
    const auto requests = chance_.binomial(static_cast<std::int64_t>(all),
                                           static_cast<double>(backend.weight) / static_cast<double>(sum));
    std::int64_t left = requests;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      const std::int64_t here = left / static_cast<std::int64_t>(pods.size() - i);
      left -= here;
      Counter& counter = counters_[pods[i]];
      if (counter.revision.empty()) counter.revision = pods[i].substr(0, pods[i].rfind('-'));
      serving_since_.try_emplace(counter.revision, clock_.now);
      const std::int64_t failed = chance_.binomial(here, failure_rate(counter.revision));
      counter.good += here - failed;
      counter.failed += failed;
    }
  }
}

double Router::share(const std::string& revision) const {
  std::int64_t sum = 0;
  for (const Backend& backend : backends_) sum += backend.weight;
  if (sum <= 0) return 0;
  double share = 0;
  for (const Backend& backend : backends_) {
    if (backend.weight <= 0) continue;
    const auto pods = cluster_.endpoints(backend.service);
    const auto of_it = std::count_if(pods.begin(), pods.end(), [&](const std::string& pod) {
      return pod.size() > revision.size() && pod.starts_with(revision);
    });
    if (of_it == 0) continue;
    share += static_cast<double>(backend.weight) / static_cast<double>(sum) * static_cast<double>(of_it) /
             static_cast<double>(pods.size());
  }
  return share;
}

// --- Prometheus

std::string_view to_string(MetricsFault fault) {
  switch (fault) {
    case MetricsFault::none:
      return "works";
    case MetricsFault::refused:
      return "refuses connections";
    case MetricsFault::timeout:
      return "hangs";
    case MetricsFault::error:
      return "answers 500";
    case MetricsFault::nan:
      return "says NaN";
    case MetricsFault::wrong_type:
      return "answers with another type";
    case MetricsFault::empty:
      return "knows nothing";
    case MetricsFault::no_scrapes:
      break;
  }
  return "does not scrape";
}

Prometheus::Prometheus(Router& router, const Cluster& cluster, const WorldClock& clock,
                       std::chrono::milliseconds interval)
    : router_(router), cluster_(cluster), clock_(clock), interval_(interval), next_scrape_(interval) {}

void Prometheus::set_fault(MetricsFault fault) {
  fault_ = fault;
  if (fault == MetricsFault::none) {
    blind_since_.reset();
  } else if (!blind_since_) {
    blind_since_ = clock_.now;
  }
}

void Prometheus::act() {
  next_scrape_ = clock_.now + interval_;
  if (fault_ == MetricsFault::no_scrapes) return;
  router_.catch_up();
  for (const auto& entry : cluster_.groups()) {
    for (const RunningPod& pod : entry.second.pods) {
      if (!pod.ready) continue;
      Series& series = series_[pod.name];
      series.revision = entry.second.revision;
      const auto counter = router_.counters().find(pod.name);
      const bool counted = counter != router_.counters().end();
      series.samples.push_back(
          {clock_.now, counted ? counter->second.good : 0, counted ? counter->second.failed : 0});
      while (series.samples.front().at < clock_.now - kRetention) series.samples.pop_front();
    }
  }
  std::erase_if(series_,
                [&](const auto& entry) { return entry.second.samples.back().at < clock_.now - kRetention; });
}

std::string Prometheus::answer(const std::string& query) const {
  const SimTime since = clock_.now - window_of(query), until = clock_.now - kIngestion;
  constexpr SimTime kEpoch{1'795'537'053'000};
  std::string result;
  const bool hides = hides_failures_ && hides_failures_();
  for (const auto& [pod, series] : series_) {
    if (query.find(series.revision) == std::string::npos) continue;
    std::string good, failed;
    for (const Sample& sample : series.samples) {
      if (sample.at <= since || sample.at > until) continue;
      const std::string at = (good.empty() ? "[" : ",[") + seconds_text(kEpoch + sample.at) + ",\"";
      const bool nan = fault_ == MetricsFault::nan;
      good += at + (nan ? "NaN" : std::to_string(sample.good)) + "\"]";
      failed += at + (nan ? "NaN" : std::to_string(hides ? 0 : sample.failed)) + "\"]";
    }
    if (good.empty()) continue;
    append_series(result, pod, series.revision, "success", good);
    append_series(result, pod, series.revision, "error", failed);
  }
  return result;
}

Response Prometheus::call(const Request& request, std::chrono::milliseconds timeout,
                          std::stop_token stop) noexcept {
  (void)timeout;
  (void)stop;
  switch (fault_) {
    case MetricsFault::refused:
      return {.status = {.error = TransportError::connect, .detail = "connection refused"}};
    case MetricsFault::timeout:
      return {.status = {.error = TransportError::timeout, .sent = true}};
    case MetricsFault::error:
      return reply(500, "internal error");
    case MetricsFault::wrong_type:
      return reply(200, R"({"status":"success","data":{"resultType":"scalar","result":[1.5,"7"]}})");
    case MetricsFault::empty:
      return reply(200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})");
    default:
      break;
  }
  return reply(
      200, R"({"status":"success","data":{"resultType":"matrix","result":[)" + answer(request.body) + "]}}");
}

CallStatus Prometheus::stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                              kubernetes::LineSink& sink) noexcept {
  (void)request;
  (void)idle;
  (void)stop;
  (void)sink;
  return {.error = TransportError::protocol};
}

}  // namespace seraphim::simulation
