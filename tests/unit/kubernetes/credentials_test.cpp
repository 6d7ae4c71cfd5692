#include "kubernetes/credentials.h"

#include <gtest/gtest.h>

#include "kubernetes/temporary_folder.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using testing::TemporaryFolder;

struct FileCredentialsTest : ::testing::Test {
  FileCredentials with_token_file() {
    return FileCredentials({.token = {.file = folder.path() / "token"}}, [this] { return now; });
  }

  TemporaryFolder folder;
  std::chrono::steady_clock::time_point now{};
};

TEST_F(FileCredentialsTest, RotationIsSeenWithinAMinute) {
  static_assert(kRereadAfter <= 60s);
  folder.write("token", "first\n");
  auto credentials = with_token_file();
  EXPECT_EQ(credentials.bearer_token(), "first");
  folder.write("token", "second\n");
  now += kRereadAfter - 1s;
  EXPECT_EQ(credentials.bearer_token(), "first");
  now += 1s;
  EXPECT_EQ(credentials.bearer_token(), "second");
}

TEST_F(FileCredentialsTest, A401ReadsAgainAtOnce) {
  folder.write("token", "first");
  auto credentials = with_token_file();
  EXPECT_EQ(credentials.bearer_token(), "first");
  folder.write("token", "second");
  credentials.on_unauthorized();
  EXPECT_EQ(credentials.bearer_token(), "second");
}

TEST_F(FileCredentialsTest, KeepsTheLastGoodTokenWhileTheFileIsGone) {
  const auto file = folder.write("token", "first");
  auto credentials = with_token_file();
  EXPECT_EQ(credentials.bearer_token(), "first");
  std::filesystem::remove(file);
  now += 2min;
  EXPECT_EQ(credentials.bearer_token(), "first");
  folder.write("token", "second");
  EXPECT_EQ(credentials.bearer_token(), "first");  // not on every call
  now += kRereadAfter;
  EXPECT_EQ(credentials.bearer_token(), "second");
}

TEST_F(FileCredentialsTest, AFileThatNeverWasNamesItself) {
  auto credentials = with_token_file();
  try {
    credentials.bearer_token();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find((folder.path() / "token").string()), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos);
  }
}

TEST_F(FileCredentialsTest, ATokenThatWouldWriteHeadersIsRefusedWithoutQuotingIt) {
  folder.write("token", "secret\r\nX-Evil: 1");
  auto credentials = with_token_file();
  try {
    credentials.bearer_token();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

TEST_F(FileCredentialsTest, ReadsAllTlsPartsAndTheServerName) {
  folder.write("tls.crt", "CERT");
  FileCredentials credentials({.ca = {.text = "CA"},
                               .certificate = {.file = folder.path() / "tls.crt"},
                               .private_key = {.text = "KEY"},
                               .server_name = "api"},
                              [this] { return now; });
  EXPECT_EQ(credentials.tls(), (TlsMaterial{"CA", "CERT", "KEY", "api"}));
  EXPECT_EQ(credentials.bearer_token(), "");
}

TEST(ReadSmallFile, RefusesFoldersAndLargeFiles) {
  const TemporaryFolder folder;
  EXPECT_NE(read_small_file(folder.path(), 10).error().find("folder"), std::string::npos);
  EXPECT_EQ(read_small_file(folder.write("ok", "0123456789"), 10).value(), "0123456789");
  EXPECT_NE(read_small_file(folder.write("big", "0123456789x"), 10).error().find("larger than 10 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace seraphim::kubernetes
