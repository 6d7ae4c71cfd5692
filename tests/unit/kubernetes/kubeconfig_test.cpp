#include "kubernetes/kubeconfig.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "kubernetes/temporary_folder.h"
#include "kubernetes/test_pki.h"

namespace seraphim::kubernetes {
namespace {

std::string base64(const std::string& text) {
  std::string out(text.size() * 2 + 8, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

struct KubeconfigTest : ::testing::Test {
  using Result = tl::expected<ClusterAccess, std::string>;

  /// A whole file around the given lines of cluster "c" and user "u".
  static std::string document(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
           "contexts:\n- name: other\n  context: {cluster: none, user: none}\n"
           "- name: dev\n  context: {cluster: c, user: u, namespace: team-a}\n"
           "clusters:\n- name: c\n  cluster:\n    server: https://10.1.2.3:6443\n" +
           cluster + "users:\n- name: u\n  user:\n    unused: 1\n" + user;
  }
  Result load(const std::string& text, std::string_view context = "") {
    return load_kubeconfig(folder.write("config", text), context,
                           [] { return std::chrono::steady_clock::time_point{}; });
  }
  std::string error_of(const std::string& text, std::string_view context = "") {
    const auto access = load(text, context);
    if (access.has_value()) return "no error";
    EXPECT_EQ(access.error().find('\n'), std::string::npos) << access.error();
    return access.error();
  }
  std::string cluster_error(const std::string& lines) {
    return error_of(document(lines, "    token: abc\n"));
  }
  std::string user_error(const std::string& lines) { return error_of(document(ca_line, lines)); }

  testing::TestAuthority authority{"ca"};
  std::string ca_line = "    certificate-authority-data: " + base64(authority.certificate_pem()) + "\n";
  testing::TemporaryFolder folder;
};

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST_F(KubeconfigTest, ReadsInlineDataAndToken) {
  const auto client = authority.issue("me", {});
  const auto access =
      load(document(ca_line + "    tls-server-name: api.internal\n",
                    "    token: abc\n    client-certificate-data: " + base64(client.certificate_pem) +
                        "\n    client-key-data: " + base64(client.private_key_pem) + "\n"));
  ASSERT_TRUE(access.has_value()) << access.error();
  EXPECT_EQ(access->endpoint.url, "https://10.1.2.3:6443");
  EXPECT_EQ(access->default_namespace, "team-a");
  EXPECT_EQ(access->credentials->bearer_token(), "abc");
  EXPECT_EQ(access->credentials->tls(), (TlsMaterial{authority.certificate_pem(), client.certificate_pem,
                                                     client.private_key_pem, "api.internal"}));
}

TEST_F(KubeconfigTest, FilesAreRelativeToTheKubeconfig) {
  const auto client = authority.issue("me", {});
  folder.write("pki/ca.crt", authority.certificate_pem());
  folder.write("pki/me.crt", client.certificate_pem);
  const auto key = folder.write("elsewhere/me.key", client.private_key_pem);
  folder.write("token", "rotating\n");
  const auto access = load(document("    certificate-authority: pki/ca.crt\n",
                                    "    client-certificate: pki/me.crt\n    client-key: " + key.string() +
                                        "\n    tokenFile: token\n    token: fixed\n"));
  ASSERT_TRUE(access.has_value()) << access.error();
  EXPECT_EQ(access->credentials->tls().private_key_pem, client.private_key_pem);
  EXPECT_EQ(access->credentials->bearer_token(), "rotating");
}

TEST_F(KubeconfigTest, NoAuthorityMeansTheSystemStoreAndNoNamespaceMeansDefault) {
  const auto access = load(
      "{\"current-context\": \"x\", \"contexts\": [{\"name\": \"x\", \"context\": {\"cluster\": \"x\"}}], "
      "\"clusters\": [{\"name\": \"x\", \"cluster\": {\"server\": \"https://public.example\"}}]}");
  ASSERT_TRUE(access.has_value()) << access.error();
  EXPECT_EQ(access->credentials->tls(), TlsMaterial{});
  EXPECT_EQ(access->default_namespace, "default");
}

TEST_F(KubeconfigTest, PlainHttpCarriesNoCredentials) {
  const auto access = load(
      "current-context: x\ncontexts: [{name: x, context: {cluster: x, user: x}}]\n"
      "clusters: [{name: x, cluster: {server: 'http://127.0.0.1:8001'}}]\nusers: [{name: x, user: {token: "
      "abc}}]\n");
  ASSERT_TRUE(access.has_value()) << access.error();
  EXPECT_EQ(access->credentials->bearer_token(), "");
}

TEST_F(KubeconfigTest, RefusesWhatIsUnsafeOrNeedsAHelper) {
  expect_part(cluster_error("    insecure-skip-tls-verify: true\n"), "always verifies the API server");
  EXPECT_EQ(error_of(document(ca_line + "    insecure-skip-tls-verify: false\n", "    token: a\n")),
            "no error");
  expect_part(cluster_error("    proxy-url: http://proxy\n"),
              "clusters[c].cluster.proxy-url: proxies are not supported");
  expect_part(user_error("    exec: {command: aws}\n"),
              "users[u].user.exec: credential helper programs are not run");
  expect_part(user_error("    auth-provider: {name: gcp}\n"), "users[u].user.auth-provider");
  expect_part(user_error("    username: admin\n    password: hunter2\n"), "users[u].user.username");
  expect_part(user_error("    as: root\n"), "impersonation is not supported");
}

TEST_F(KubeconfigTest, NamesTheFieldAndTheFile) {
  const std::string file = (folder.path() / "config").string();
  expect_part(cluster_error("    certificate-authority: missing.crt\n"),
              file + ": clusters[c].cluster.certificate-authority: cannot read " +
                  (folder.path() / "missing.crt").string() + ": No such file or directory");
  expect_part(user_error("    tokenFile: missing\n"), "users[u].user.tokenFile: cannot read");
  expect_part(cluster_error("    certificate-authority-data: '***'\n"),
              "certificate-authority-data: not base64");
  expect_part(cluster_error("    certificate-authority-data: Zm9v\n"), "the ca holds no PEM certificate");
  const auto client = authority.issue("me", {}), other = authority.issue("other", {});
  const std::string certificate = "    client-certificate-data: " + base64(client.certificate_pem) + "\n";
  expect_part(user_error(certificate), "go together");
  expect_part(user_error(certificate + "    client-key-data: " + base64(other.private_key_pem) + "\n"),
              "does not belong to the client certificate");
  expect_part(user_error("    token: [a]\n"), "users[u].user.token is not a text");
  expect_part(user_error("    token: 'a b'\n"), "white space");
}

TEST_F(KubeconfigTest, SaysWhichEntryIsMissing) {
  expect_part(error_of(document(ca_line, ""), "prod"), "contexts has no entry named 'prod'");
  expect_part(error_of(document(ca_line, ""), "other"), "clusters has no entry named 'none'");
  expect_part(error_of("contexts: []\n"), "current-context is not set");
  expect_part(error_of("current-context: x\ncontexts: [{name: x}]\n"), "contexts[x] has no 'context'");
  expect_part(error_of("current-context: x\ncontexts: 3\n"), "contexts is not a list");
  expect_part(error_of("current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\n"
                       "clusters: [{name: x, cluster: {server: 10.0.0.1}}]\n"),
              "clusters[x].cluster.server: '10.0.0.1' is not a URL; write https://");
}

TEST_F(KubeconfigTest, SurvivesHostileDocuments) {
  expect_part(error_of("just text"), "the document is not a mapping");
  expect_part(error_of(""), "");
  expect_part(error_of("a: [unclosed"), "not YAML, line");
  expect_part(error_of(std::string(2u << 20, '#')), "is larger than 1048576 bytes");
  expect_part(error_of("a: &a [*a]\n"), "");
  expect_part(error_of(std::string(3000, '[')), "");
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + last + "," + last + "," + last + "," + last + "," + last + "," +
            last + "," + last + "," + last + "," + last + "," + last + "]\n";
  }
  expect_part(error_of(bomb), "more than 50000 nodes");
}

TEST_F(KubeconfigTest, FindsTheFirstExistingFile) {
  const auto file = folder.write("second", "");
  const std::string missing = (folder.path() / "first").string();
  EXPECT_EQ(find_kubeconfig(missing + "::" + file.string(), "/nowhere").value(), file);
  expect_part(find_kubeconfig(missing, "/nowhere").error(), "none of the files in KUBECONFIG=" + missing);
  expect_part(find_kubeconfig("", folder.path()).error(), (folder.path() / ".kube" / "config").string());
  const auto standard = folder.write(".kube/config", "");
  EXPECT_EQ(find_kubeconfig("", folder.path()).value(), standard);
  expect_part(load_kubeconfig(missing, "", {}).error(), "kubeconfig: cannot read " + missing);
}

}  // namespace
}  // namespace seraphim::kubernetes
