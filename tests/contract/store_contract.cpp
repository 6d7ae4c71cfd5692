#include "contract/store_contract.h"

#include "kubernetes/object_meta.h"
#include "operator/deployment_object.h"

namespace seraphim::contract {

using kubernetes::ApiClientOptions;
using nlohmann::json;

namespace {

template <typename T>
T must(kubernetes::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

class UntilNamed final : public kubernetes::LineSink {
 public:
  explicit UntilNamed(std::string name) : name_(std::move(name)) {}

  kubernetes::Flow on_line(std::string_view line) override {
    const json event = json::parse(line);
    const json& meta = event.at("object").value("metadata", json::object());
    Seen seen{.type = event.at("type"), .name = meta.value("name", ""), .object = event.at("object")};
    seen.version = std::stoull(meta.value("resourceVersion", "0"));
    events.push_back(std::move(seen));
    return events.back().name == name_ || events.back().type == "ERROR" ? kubernetes::Flow::stop
                                                                        : kubernetes::Flow::more;
  }

  std::vector<Seen> events;

 private:
  const std::string name_;
};

}  // namespace

void StoreContract::SetUp() {
  api_ = GetParam().make();
  client_ = std::make_unique<kubernetes::ApiClient>(api_->transport(),
                                                    ApiClientOptions{.field_manager = "contract"});
}

const kubernetes::ResourceType& StoreContract::type() {
  return kubernetes::Resource<op::DeploymentObject>::type();
}

json StoreContract::object(const std::string& name) const {
  const json container = {{"name", "model"}, {"image", "none"}};
  const json pods = {
      {"replicas", 1}, {"port", 8080}, {"template", {{"spec", {{"containers", json::array({container})}}}}}};
  return {{"apiVersion", type().api_version()},
          {"kind", type().kind},
          {"metadata", {{"name", name}, {"namespace", api_->namespace_()}}},
          {"spec",
           {{"workload", {{"pods", pods}}},
            {"traffic", {{"gatewayAPI", {{"routes", json::array({{{"name", "web"}}})}}}}},
            {"strategy", {{"canary", {{"steps", json::array({{{"weight", 50}}})}}}}},
            {"paused", true}}}};
}

json StoreContract::create(const std::string& name) {
  return create_object(object(name));
}

json StoreContract::create_object(const json& object) {
  return must(client_->create(type(), api_->namespace_(), object));
}

json StoreContract::read(const std::string& name) {
  return must(client_->get(type(), key(name)));
}

json StoreContract::patch(const json& changes, const std::string& name, const std::string& subresource) {
  return must(client_->merge_patch(type(), key(name), changes, subresource));
}

void StoreContract::remove(const std::string& name) {
  const auto done = client_->remove(type(), key(name), kubernetes::decode_meta(read(name)).uid);
  if (!done) throw std::runtime_error(done.error().message);
}

bool StoreContract::exists(const std::string& name) {
  return client_->get(type(), key(name)).has_value();
}

std::vector<Seen> StoreContract::watch(const std::string& query, const std::string& until) {
  UntilNamed sink(until);
  const kubernetes::Request request{.target = kubernetes::collection_path(type(), api_->namespace_()) +
                                              "?watch=true&allowWatchBookmarks=true&timeoutSeconds=20&" +
                                              query};
  (void)api_->transport().stream(request, std::chrono::seconds(20), {}, sink);
  return std::move(sink.events);
}

std::string version_of(const json& object) {
  return object.at("metadata").at("resourceVersion");
}

std::int64_t generation_of(const json& object) {
  return object.at("metadata").at("generation");
}

json colour(const json& value) {
  return {{"metadata", {{"labels", {{"colour", value}}}}}};
}

std::vector<std::string> texts(const std::vector<Seen>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events) {
    if (event.type != "BOOKMARK") texts.push_back(event.type + " " + event.name);
  }
  return texts;
}

}  // namespace seraphim::contract
