// spec of a SeraphimDeployment: what the user wants. Decoded once, at the edge (codec.h); typed from there
// on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/percent.h"
#include "api/time.h"

namespace seraphim::api {

/// JSON that the operator passes on without looking inside: canonical text (sorted keys, no blanks, no null
/// members, since null and absent are the same to Kubernetes).
struct RawJson {
  std::string text;
  bool operator==(const RawJson&) const = default;
};

/// A ReplicaSet per revision.
struct PodsWorkload {
  std::int32_t replicas = 1;
  std::int32_t port = 8080;                     ///< container port that the Services send to
  std::chrono::seconds min_ready{0};            ///< ready this long counts as available
  std::chrono::seconds progress_deadline{600};  ///< not available after this long: the revision failed
  RawJson pod_template;                         ///< PodTemplateSpec
  bool operator==(const PodsWorkload&) const = default;
};

/// Where the token for a TorchServe's management API is: a key of a Secret in the object's namespace.
struct TokenSecret {
  std::string name;
  std::string key = "token";
  bool over_plain_http = false;  ///< a person has agreed that everybody on the way can read it
  bool operator==(const TokenSecret&) const = default;
};

/// A model version in a running TorchServe.
struct TorchServeWorkload {
  std::string management_url;
  std::string model_name;
  std::string model_version;         ///< as in the archive's manifest
  std::string model_archive_url;     ///< a file of the server's model store, or a URL that it loads from
  std::int32_t initial_workers = 1;  ///< so many carry the whole traffic
  std::chrono::seconds progress_deadline{600};  ///< workers not ready after this long: the revision failed
  std::optional<TokenSecret> token_secret{};    ///< absent: no token is sent
  bool operator==(const TorchServeWorkload&) const = default;
};

using Workload = std::variant<PodsWorkload, TorchServeWorkload>;

struct RouteReference {
  std::string name;
  bool operator==(const RouteReference&) const = default;
};

/// Weights of HTTPRoute backendRefs: of the user's routes, or of one the operator owns when `parent_refs` is
/// given.
struct GatewayApiTraffic {
  std::vector<RouteReference> routes;  ///< the user's HTTPRoutes, same namespace
  std::vector<RawJson> parent_refs;    ///< or: gateways for a route of the operator's own
  std::vector<std::string> hostnames;  ///< for the operator's own route
  bool operator==(const GatewayApiTraffic&) const = default;
};

/// No router: the share follows from how many pods of each revision stand behind one Service.
struct ReplicasTraffic {
  bool operator==(const ReplicasTraffic&) const = default;
};

/// The platform's own gateway in front of a TorchServe. The two slots are MODEL_*_BASELINE and
/// MODEL_*_CANDIDATE in the environment of its pods. The share is CANARY_PERCENT there; or, with routes, that
/// of the backendRefs of HTTPRoutes in front of it, which force a variant by a header.
struct SeraphimGatewayTraffic {
  std::string deployment = "seraphim-inference";  ///< the gateway's, same namespace
  std::string container = "app";                  ///< whose environment is set
  std::int32_t port = 8080;                       ///< where its pods answer /observability/config and /readyz
  Duration settle{std::chrono::seconds{10}};      ///< all pods report the weight this long before it counts
  std::vector<RouteReference> routes{};  ///< the user's HTTPRoutes, same namespace; empty: no route splits
  bool operator==(const SeraphimGatewayTraffic&) const = default;
};

using Traffic = std::variant<GatewayApiTraffic, ReplicasTraffic, SeraphimGatewayTraffic>;

struct Step {
  Percent weight;
  Duration hold{0};       ///< at least this long at the weight, counted only while data is fresh
  bool approval = false;  ///< wait here until a person approves
  bool operator==(const Step&) const = default;
};

struct CanaryStrategy {
  std::vector<Step> steps;       ///< ascending; after the last one comes 100 %
  std::optional<Duration> bake;  ///< after promotion the previous revision stays ready this long
  Duration scale_down_delay{std::chrono::seconds{30}};  ///< pods without weight live on this long
  Duration verify{
      std::chrono::minutes{2}};  ///< after a rollback health and SLOs are measured this long; 0: not
  bool operator==(const CanaryStrategy&) const = default;
};

/// Bounds of the sequential test, see analysis/sequential_test.h.
struct ErrorRateAnalysis {
  Percent tolerance = Percent::whole(1);       ///< delta: accepted absolute increase of the error rate
  Percent ceiling = Percent::whole(10);        ///< slo: absolute guard on the candidate's error rate
  Percent false_rollback = Percent::whole(1);  ///< alpha: bound on P(roll back | candidate is no worse)
  Percent bad_promotion = Percent::whole(5);   ///< beta: bound on P(promote | worse by tolerance or more)
  bool operator==(const ErrorRateAnalysis&) const = default;
};

/// The share of requests slower than the objective, by the same test as the error rate.
struct LatencyAnalysis {
  Duration objective{0};
  Percent tolerance = Percent::whole(1);  ///< accepted absolute increase of the share of slow requests
  Percent ceiling = Percent::whole(10);   ///< absolute guard on that share
  bool operator==(const LatencyAnalysis&) const = default;
};

/// Two counters of the same events, for the same test: the share of events that were not good.
struct RatioMetric {
  std::string counted;      ///< a series selector, with placeholders (placeholders.h)
  bool counts_bad = false;  ///< `counted` counts the bad events, not the good ones
  std::string total;        ///< a series selector
  Percent tolerance = Percent::whole(1);
  Percent ceiling = Percent::whole(10);
  bool operator==(const RatioMetric&) const = default;
};

/// A number with its text as the user wrote it.
struct Bound {
  double value = 0;
  std::string text;
  bool operator==(const Bound&) const = default;
};

/// The present value of any PromQL. No error bound can be stated for it: so many looks in a row beyond its
/// bounds roll back, and one already stops the raise.
struct ValueMetric {
  std::string query;  ///< with placeholders
  std::optional<Bound> min{}, max{};
  std::int32_t breaches = 3;
  bool operator==(const ValueMetric&) const = default;
};

enum class DriftMeasure { kl, cosine };

/// How far the candidate's predictions are from the stable revision's. No error bound can be stated for it:
/// as with a value, so many looks in a row above the bound roll back, and one already stops the raise.
struct DriftMetric {
  DriftMeasure measure = DriftMeasure::kl;
  std::string baseline, candidate;  ///< instant vectors of counts by kind of prediction, with placeholders
  Bound max{};
  /// Events of each side that a look needs. 0: the values are no counts, and nothing is asked of their
  /// number.
  std::int32_t min_requests = 100;
  std::int32_t breaches = 3;
  bool operator==(const DriftMetric&) const = default;
};
/// "KL", "Cosine": as in the spec.
const char* to_string(DriftMeasure measure);

struct Metric {
  std::string name;
  std::variant<RatioMetric, ValueMetric, DriftMetric> kind;
  bool operator==(const Metric&) const = default;
};

/// How a series names its revision.
enum class SeriesPreset {
  revision_label,  ///< label `revision`, put there by Prometheus from the pod label (default)
  variant_label,   ///< the platform's gateway: variant="baseline"|"candidate"
};

struct PrometheusSource {
  std::string address;  ///< http://host:port
  SeriesPreset preset = SeriesPreset::revision_label;
  std::map<std::string, std::string> match_labels;  ///< further label matchers, e.g. job
  bool operator==(const PrometheusSource&) const = default;
};

/// What happens to a rollout that has long been held up by nothing but missing evidence or missing data.
enum class UndecidedEnd {
  hold,       ///< it goes on waiting, and says that it is overdue
  roll_back,  ///< the candidate is taken back
  promote,    ///< the next step, at the last one all traffic: only with fresh data and without suspicion
};

struct Undecided {
  Duration after{0};
  UndecidedEnd then = UndecidedEnd::hold;
  bool operator==(const Undecided&) const = default;
};

struct Analysis {
  PrometheusSource prometheus;
  Duration interval{std::chrono::seconds{5}};
  /// Data older than this is stale. Zero: three intervals, at least 15 s.
  Duration stale_after{0};
  ErrorRateAnalysis error_rate;
  std::optional<LatencyAnalysis> latency{};
  std::vector<Metric> metrics{};
  std::optional<Undecided> undecided{};  ///< absent: waits as long as it takes
  bool operator==(const Analysis&) const = default;
};

struct Spec {
  Workload workload;
  Traffic traffic;
  CanaryStrategy strategy;
  std::optional<Analysis> analysis;  ///< absent: steps advance by time and approval only
  std::int32_t revision_history_limit = 10;
  bool paused = false;
  bool operator==(const Spec&) const = default;
};

}  // namespace seraphim::api
