#include "analysis/parameters.h"

namespace seraphim::analysis {

tl::expected<Parameters, std::string> parameters_from(const api::ErrorRateAnalysis& bounds) {
  const auto strictly_between = [](api::Percent value, api::Percent low, api::Percent high) {
    return low < value && value < high;
  };
  const auto out_of_range = [](const char* field, api::Percent value, const char* instead) {
    return tl::unexpected("errorRate." + std::string(field) + " is " + api::format_percent(value) +
                          ": write " + instead);
  };
  if (!strictly_between(bounds.false_rollback, api::kNothing, api::kEverything)) {
    return out_of_range("falseRollback", bounds.false_rollback,
                        "more than 0% and less than 100%, such as 1%");
  }
  if (!strictly_between(bounds.bad_promotion, api::kNothing, api::kEverything)) {
    return out_of_range("badPromotion", bounds.bad_promotion, "more than 0% and less than 100%, such as 5%");
  }
  if (!strictly_between(bounds.tolerance, api::kNothing, api::Percent::whole(50))) {
    return out_of_range("tolerance", bounds.tolerance, "more than 0% and less than 50%, such as 1%");
  }
  if (bounds.ceiling <= api::kNothing || bounds.ceiling > api::kEverything) {
    return out_of_range("ceiling", bounds.ceiling, "more than 0% and at most 100%, such as 10%");
  }
  Parameters parameters;
  parameters.alpha = bounds.false_rollback.fraction();
  parameters.beta = bounds.bad_promotion.fraction();
  parameters.delta = bounds.tolerance.fraction();
  parameters.slo = bounds.ceiling.fraction();
  return parameters;
}

}  // namespace seraphim::analysis
