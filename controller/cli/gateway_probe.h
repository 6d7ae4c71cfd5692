// One prediction by the platform's gateway, and the proof that a model made it.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli/ask.h"

namespace seraphim::cli {

/// As the gateway answered it.
struct Prediction {
  std::string variant{};  ///< "baseline" or "candidate": who was asked
  std::string version{};  ///< of the model; empty when the gateway names none
  std::string body{};     ///< the whole answer
};

struct PredictionWish {
  std::string text{};
  std::string force_header{};  ///< header that sends the request to the candidate; empty: the gateway chooses
};

/// The gateway answers 200 with a made-up prediction when its model fails, so what counts is its counter
/// before and after: a success of the variant that answered, and no failure. While other requests fail, it is
/// tried again, five times in all. The error is why nothing is proved, and what to look at.
tl::expected<Prediction, std::string> predict(const Ask& ask, const std::string& gateway,
                                              const PredictionWish& wish);

}  // namespace seraphim::cli
