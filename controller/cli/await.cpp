#include "cli/await.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/codec.h"
#include "cli/deployment.h"
#include "kubernetes/watch_event.h"

namespace seraphim::cli {
namespace {

using namespace std::chrono_literals;

constexpr api::Duration kBetweenTries = 1s;

/// Judges each version of the object that the server sends.
class Watcher final : public kubernetes::LineSink {
 public:
  Watcher(const ObjectJudge& judge, const Patience& patience) : judge_(judge), patience_(patience) {}

  kubernetes::Flow on_line(std::string_view line) override {
    const auto event = kubernetes::parse_watch_event(line);
    using Type = kubernetes::WatchEvent::Type;
    if (!event || event->type == Type::error) return kubernetes::Flow::stop;  // the object is read again
    if (event->type == Type::bookmark) return kubernetes::Flow::more;
    if (event->type == Type::removed) {
      standing_ = Fails{"it was deleted meanwhile"};
    } else {
      take(event->object);
    }
    return settled() ? kubernetes::Flow::stop : kubernetes::Flow::more;
  }

  void take(const nlohmann::json& object) {
    standing_ = judge_(object);
    const auto* waits = std::get_if<Waits>(&standing_);
    if (waits == nullptr || waits->text == told_) return;
    told_ = waits->text;
    if (patience_.on_news) patience_.on_news(told_);
  }

  bool settled() const { return !std::holds_alternative<Waits>(standing_); }
  const Standing& standing() const { return standing_; }

 private:
  const ObjectJudge& judge_;
  const Patience& patience_;
  Standing standing_ = Waits{};
  std::string told_;
};

std::string watch_target(const kubernetes::ResourceType& type, const kubernetes::ObjectMeta& meta,
                         std::chrono::seconds time) {
  return kubernetes::collection_path(type, meta.key.namespace_) +
         "?watch=true&fieldSelector=" + kubernetes::percent_encode("metadata.name=" + meta.key.name) +
         "&resourceVersion=" + kubernetes::percent_encode(meta.resource_version) +
         "&timeoutSeconds=" + std::to_string(time.count());
}

}  // namespace

tl::expected<Standing, std::string> await_object(const Cluster& cluster, const kubernetes::ResourceType& type,
                                                 const std::string& name, const ObjectJudge& judge,
                                                 const Patience& patience, const Surroundings& surroundings) {
  const api::Time deadline = surroundings.now() + patience.timeout;
  Watcher watcher(judge, patience);
  for (;;) {
    const auto object = cluster.client().get(type, {cluster.namespace_name(), name});
    if (!object) return tl::unexpected(sentence(object.error()));
    watcher.take(*object);
    const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - surroundings.now());
    if (watcher.settled() || left <= 0s) return watcher.standing();
    const kubernetes::Request request{.target = watch_target(type, kubernetes::decode_meta(*object), left)};
    const auto ended = cluster.transport().stream(request, left + 10s, {}, watcher);
    if (watcher.settled()) return watcher.standing();
    const bool broke = ended.error != kubernetes::TransportError::none || ended.http != 200;
    if (broke && surroundings.pause) surroundings.pause(kBetweenTries);
  }
}

tl::expected<Standing, std::string> await(const Cluster& cluster, const std::string& name, const Judge& judge,
                                          const Patience& patience, const Surroundings& surroundings) {
  return await_object(
      cluster, deployment_type(), name,
      [&](const nlohmann::json& object) { return judge(api::decode_deployment(object)); }, patience,
      surroundings);
}

}  // namespace seraphim::cli
