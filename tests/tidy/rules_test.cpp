// The rules find what they are for, and only that.
#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace seraphim::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SourceFile file(const std::string& path, const std::string& text) {
  return {path, text};
}

TEST(IncludeDirection, OneWayOnly) {
  EXPECT_THAT(include_direction(file("controller/operator/main.cpp", "#include \"rollout/decide.h\"\n")),
              IsEmpty());
  EXPECT_THAT(
      include_direction(file("controller/rollout/decide.h", "// x\n#include \"kubernetes/store.h\"\n")),
      ElementsAre("controller/rollout/decide.h:2: rollout may not see kubernetes"));
  EXPECT_THAT(include_direction(file("controller/kubernetes/store.h", "#include \"api/spec.h\"\n")),
              SizeIs(1));
  EXPECT_THAT(include_direction(file("controller/api/spec.h", "#include \"analysis/x.h\"\n")), SizeIs(1));
  EXPECT_THAT(include_direction(file("controller/traffic/a.h", "#include \"workload/pods.h\"\n")), SizeIs(1));
  EXPECT_THAT(include_direction(file("controller/operator/a.h", "#include \"cli/a.h\"\n")), SizeIs(1));
  EXPECT_THAT(include_direction(file("controller/replay/a.h", "#include \"prometheus/client.h\"\n")),
              SizeIs(1));
}

TEST(IncludeDirection, OwnRoomLibrariesAndTestsAreNoBreach) {
  EXPECT_THAT(include_direction(file("controller/api/a.cpp", "#include \"api/spec.h\"\n#include <vector>\n")),
              IsEmpty());
  // A library's folder is no room, even where the room has the same name as nothing of ours.
  EXPECT_THAT(include_direction(file("controller/kubernetes/a.cpp", "#include <cpprest/http_client.h>\n")),
              IsEmpty());
  EXPECT_THAT(include_direction(file("tests/unit/api/a.cpp", "#include \"kubernetes/store.h\"\n")),
              IsEmpty());
}

TEST(IncludeDirection, ANewRoomIsADecision) {
  EXPECT_THAT(include_direction(file("controller/shiny/a.h", "")),
              ElementsAre(HasSubstr("not in the table")));
}

TEST(Purity, NoClockThreadRandomnessOrInput) {
  for (const std::string banned : {"#include <thread>", "#include <random>", "#include <fstream>",
                                   "#include <sys/stat.h>", "auto t = std::chrono::system_clock::now();",
                                   "int r = rand();", "auto h = std::getenv(\"HOME\");", "std::cout << 1;"}) {
    EXPECT_THAT(purity(file("controller/rollout/a.cpp", banned + "\n")), SizeIs(1)) << banned;
    EXPECT_THAT(purity(file("controller/api/a.cpp", banned + "\n")), SizeIs(1)) << banned;
    EXPECT_THAT(purity(file("controller/analysis/a.cpp", banned + "\n")), SizeIs(1)) << banned;
    EXPECT_THAT(purity(file("controller/replay/a.cpp", banned + "\n")), SizeIs(1)) << banned;
    EXPECT_THAT(purity(file("controller/operator/a.cpp", banned + "\n")), IsEmpty()) << banned;
  }
}

TEST(Purity, WordsInCommentsAndTextsAndLongerNamesAreNoCalls) {
  EXPECT_THAT(purity(file("controller/rollout/a.cpp",
                          "// never system_clock::now()\n"
                          "/* rand(\n rand( */ int operand(int);\n"
                          "auto s = \"rand(\\\" rand(\";\n"
                          "#include <chrono>\n")),
              IsEmpty());
  EXPECT_THAT(purity(file("controller/rollout/a.cpp", "/* x */ int r = rand();\n")), SizeIs(1));
  EXPECT_THAT(purity(file("controller/rollout/a.cpp", "f(\"a\", rand());\n")), SizeIs(1));
}

TEST(NoSleep, InTheControllerAndItsUnitTests) {
  const std::string sleep = "std::this_thread::sleep_for(1s);\n";
  EXPECT_THAT(no_sleep(file("controller/operator/a.cpp", sleep)), ElementsAre(HasSubstr("sleep_for(")));
  EXPECT_THAT(no_sleep(file("tests/unit/api/a.cpp", sleep)), SizeIs(1));
  EXPECT_THAT(no_sleep(file("tests/demo/a.cpp", sleep)), IsEmpty());
}

TEST(InjectedTime, OnlyTheOutsideAsksTheSystem) {
  const std::string now = "auto t = std::chrono::steady_clock::now();\n";
  EXPECT_THAT(injected_time(file("controller/kubernetes/work_queue.cpp", now)), SizeIs(1));
  EXPECT_THAT(injected_time(file("controller/kubernetes/system_clock.cpp", now)), IsEmpty());
  EXPECT_THAT(injected_time(file("controller/operator/main.cpp", now)), IsEmpty());
}

TEST(LightHeaders, SlowOnesBelongInSources) {
  EXPECT_THAT(light_headers(file("controller/api/a.h", "#include <nlohmann/json.hpp>\n")), SizeIs(1));
  EXPECT_THAT(light_headers(file("controller/api/a.h", "#include <spdlog/spdlog.h>\n")), SizeIs(1));
  EXPECT_THAT(light_headers(file("controller/api/a.h", "#include <nlohmann/json_fwd.hpp>\n")), IsEmpty());
  EXPECT_THAT(light_headers(file("controller/api/a.cpp", "#include <nlohmann/json.hpp>\n")), IsEmpty());
}

TEST(HeaderForm, LeadingCommentAndPragmaOnce) {
  EXPECT_THAT(header_form(file("controller/api/a.h", "// What it is.\n#pragma once\n")), IsEmpty());
  EXPECT_THAT(header_form(file("controller/api/a.h", "#pragma once\n")), SizeIs(2));
  EXPECT_THAT(header_form(file("controller/api/a.h", "// What it is.\n")), SizeIs(1));
  EXPECT_THAT(header_form(file("controller/api/a.cpp", "int a;\n")), IsEmpty());
}

TEST(Length, FourHundredLinesAreTheMost) {
  EXPECT_THAT(length(file("controller/api/a.h", std::string(400, '\n'))), IsEmpty());
  EXPECT_THAT(length(file("controller/api/a.h", std::string(401, '\n'))),
              ElementsAre(HasSubstr("401 lines")));
}

TEST(NothingLeftToDo, EvenInComments) {
  const std::string word = std::string("TO") + "DO";
  EXPECT_THAT(nothing_left_to_do(file("controller/api/a.h", "// x\n// " + word + ": later\n")),
              ElementsAre(HasSubstr("a.h:2:")));
  EXPECT_THAT(nothing_left_to_do(file("controller/api/a.h", "// to do is to be\n")), IsEmpty());
}

}  // namespace
}  // namespace seraphim::tidy
