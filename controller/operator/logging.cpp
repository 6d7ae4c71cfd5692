#include "operator/logging.h"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/time.h"

namespace seraphim::op {
namespace {

/// A pattern would not escape the message: a quote or a line break in it could forge log lines.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const nlohmann::ordered_json line = {
        {"time", api::format_time(std::chrono::time_point_cast<std::chrono::milliseconds>(message.time))},
        {"level", std::string(level.data(), level.size())},
        {"message", std::string(message.payload.data(), message.payload.size())}};
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const std::string& level, LogFormat format) {
  auto logger =
      std::make_shared<spdlog::logger>("seraphim", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::from_str(level));
  if (format == LogFormat::json) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %-5l %v",
                                                                      spdlog::pattern_time_type::utc));
  }
  logger->flush_on(spdlog::level::trace);
  return logger;
}

void change_verbosity(spdlog::logger& log, bool more) {
  const int next = static_cast<int>(log.level()) + (more ? -1 : 1);
  const auto level = static_cast<spdlog::level::level_enum>(
      std::clamp(next, static_cast<int>(spdlog::level::trace), static_cast<int>(spdlog::level::err)));
  log.set_level(level);
  const auto name = spdlog::level::to_string_view(level);
  log.log(std::max(level, spdlog::level::info), "the log level is {} now",
          std::string_view(name.data(), name.size()));
}

}  // namespace seraphim::op
