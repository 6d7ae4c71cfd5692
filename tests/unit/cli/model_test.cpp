// model inspect (M2): an archive is looked into.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <filesystem>
#include <fstream>

#include "cli/archive.h"
#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using testing::ClusterDesk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::json;

constexpr const char* kGoodManifest = R"({"archiverVersion":"0.11.0",
    "model":{"modelName":"custom-text","modelVersion":"2.0","handler":"handler.py:handle","serializedFile":"model.pt"}})";

/// Files of one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "seraphim-mar-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;

  std::string archive(const std::map<std::string, std::string>& files) const {
    const std::string path = (path_ / "model.mar").string();
    std::filesystem::remove(path);
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
    for (const auto& [name, text] : files)
      zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0);
    EXPECT_EQ(zip_close(archive), 0);
    return path;
  }
  std::string text(const std::string& content) const {
    const std::string path = (path_ / "text.mar").string();
    std::ofstream(path) << content;
    return path;
  }

 private:
  std::filesystem::path path_;
};

TEST(ModelInspect, M2TellsNameVersionAndHandler) {
  const Folder folder;
  const auto path =
      folder.archive({{"MAR-INF/MANIFEST.json", kGoodManifest}, {"handler.py", "x"}, {"model.pt", "y"}});
  ClusterDesk desk;
  const auto said = desk.run({"model", "inspect", path, "--name", "custom-text", "--model-version", "2.0"});
  EXPECT_EQ(said.code, kGood) << said.err << said.out;
  EXPECT_EQ(said.out,
            "Model:     custom-text\nVersion:   2.0\nHandler:   handler.py:handle\nArchiver:  0.11.0\nFiles: "
            "    3\n");
  const json all = json::parse(desk.run({"model", "inspect", path, "-o", "json"}).out);
  EXPECT_EQ(all["version"], "2.0");
}

TEST(ModelInspect, M2SaysWhatTorchServeWouldStumbleOver) {
  const Folder folder;
  const auto path = folder.archive({{"MAR-INF/MANIFEST.json", kGoodManifest}, {"model.pt", "y"}});
  ClusterDesk desk;
  const auto said = desk.run({"model", "inspect", path, "--name", "other"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("Problem: model.handler is handler.py, which is not in the archive"));
  EXPECT_THAT(said.out, HasSubstr("Problem: model.modelName is \"custom-text\" and should be \"other\""));
  EXPECT_THAT(facts_of({{}, R"({"model":{"modelVersion":2}})"}).problems,
              ElementsAre(HasSubstr("modelName"), HasSubstr("modelVersion"), HasSubstr("handler")));
  EXPECT_THAT(facts_of({{}, "[]"}).problems, ElementsAre(HasSubstr("not an object")));
  EXPECT_THAT(facts_of({{}, R"({"model":{"modelName":"a","modelVersion":"1","handler":"text_classifier"}})"})
                  .problems,
              IsEmpty())
      << "a handler that TorchServe brings along";
}

TEST(ModelInspect, M2AnythingElseIsNoArchive) {
  const Folder folder;
  ClusterDesk desk;
  auto said = desk.run({"model", "inspect", folder.text("no zip")});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("cannot be read as a zip file"));
  said = desk.run({"model", "inspect", folder.archive({{"a.txt", "x"}})});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("holds no MAR-INF/MANIFEST.json"));
  EXPECT_EQ(desk.run({"model", "inspect", "/nowhere.mar"}).code, kUnusable);
  said =
      desk.run({"model", "inspect", folder.archive({{"MAR-INF/MANIFEST.json", std::string(2u << 20, ' ')}})});
  EXPECT_EQ(said.code, kUnusable) << "a manifest is small";
}

}  // namespace
}  // namespace seraphim::cli
