#include "kubernetes/transport_conformance.h"
#include "kubernetes/transport_cpprest.h"

namespace seraphim::kubernetes::testing {

INSTANTIATE_TEST_SUITE_P(Cpprest, TransportConformance,
                         ::testing::Values(TransportMaker{"cpprest", make_cpprest_transport}),
                         [](const auto& test) { return test.param.name; });

}  // namespace seraphim::kubernetes::testing
