// Part of every unit program in the copy that hack/mutate builds: writes down which mutants each test comes across.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <fstream>

namespace {

class Recorder : public testing::EmptyTestEventListener {
 public:
  explicit Recorder(const char* path) : out_(path) {}

 private:
  // What is reached before the first test concerns all of them.
  void OnTestProgramStart(const testing::UnitTest& /*program*/) override { write("*", 0); }
  void OnTestStart(const testing::TestInfo& /*test*/) override {
    std::fill_n(mutant::reached, mutant::kMost, false);
    began_ = std::clock();
  }
  // The processor's time: a busy machine makes no test slow.
  void OnTestEnd(const testing::TestInfo& test) override {
    write(std::string(test.test_suite_name()) + "." + test.name(), (std::clock() - began_) / (CLOCKS_PER_SEC / 1000));
  }

  void write(const std::string& test, std::clock_t milliseconds) {
    out_ << test << ' ' << milliseconds;
    for (int id = 0; id < mutant::kMost; ++id) {
      if (mutant::reached[id]) out_ << ' ' << id;
    }
    out_ << std::endl;
  }

  std::ofstream out_;
  std::clock_t began_ = 0;
};

const bool listening = [] {
  const char* path = std::getenv("MUTANT_RECORD");
  if (path != nullptr) testing::UnitTest::GetInstance()->listeners().Append(new Recorder(path));
  return path != nullptr;
}();

}  // namespace
