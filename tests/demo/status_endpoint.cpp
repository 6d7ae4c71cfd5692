#include "status_endpoint.h"

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "http_sender.h"
#include "http_support.h"

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;

void mark(Tally& tally, const std::string& body, httplib::Response& response) {
  const auto request = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  const auto now = epoch_now();
  Json answer{{"at", now}};
  if (!request.is_object() || !request.contains("name") || !request["name"].is_string()) {
    response.status = 400;
    answer = {{"detail", R"(the body has to be {"name": "..."})"}};
  } else if (!tally.mark(request["name"].get<std::string>(), now)) {
    response.status = 409;
    answer = {{"detail", "there is a window of that name, or it is empty"}};
  }
  response.set_content(answer.dump(), "application/json");
}

}  // namespace

StatusEndpoint::StatusEndpoint(const std::string& address, int port, Tally& tally, Status status)
    : server_(std::make_unique<httplib::Server>()) {
  use_plain_sockets(*server_);
  server_->set_keep_alive_max_count(1);  // no idle connection has to be waited for at the end
  server_->Get("/status", [status = std::move(status)](const httplib::Request&, httplib::Response& response) {
    response.set_content(status(), "application/json");
  });
  server_->Post("/mark", [&tally](const httplib::Request& request, httplib::Response& response) {
    mark(tally, request.body, response);
  });
  if (!server_->bind_to_port(address, port)) {
    throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port));
  }
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

StatusEndpoint::~StatusEndpoint() {
  // stop() does nothing to a server that has not begun to listen yet.
  while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->stop();
  thread_.join();
}

}  // namespace seraphim::demo
