#include "platform_stage.h"

#include "environment.h"

namespace seraphim::cluster {

std::unique_ptr<PlatformRow::Stage> PlatformRow::stage;

Output PlatformRow::ask(const std::vector<std::string>& words, const std::string& input) {
  std::vector<std::string> command{"/usr/bin/env"};
  const auto addresses = platform().addresses();
  command.insert(command.end(), addresses.begin(), addresses.end());
  command.push_back(environment().kubectl_seraphim.string());
  command.insert(command.end(), words.begin(), words.end());
  return run(command, input, std::chrono::minutes(3));
}

Output PlatformRow::ask_here(std::vector<std::string> words, const std::string& input) {
  words.insert(words.end(), {"--namespace", world().name()});
  return ask(words, input);
}

}  // namespace seraphim::cluster
