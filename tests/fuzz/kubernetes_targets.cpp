#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "kubernetes/api_status.h"
#include "kubernetes/exec_credentials.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/line_splitter.h"
#include "kubernetes/retry_after.h"
#include "kubernetes/watch_event.h"
#include "targets.h"

namespace seraphim::fuzz {
namespace {

/// Lines of a stream that comes in pieces of this size.
std::vector<std::string> lines_of(std::string_view stream, std::size_t piece) {
  constexpr std::size_t kLongest = 1000;
  kubernetes::LineSplitter splitter(kLongest);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto result = splitter.feed(stream.substr(at, piece), [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    if (result != kubernetes::LineSplitter::Result::more) break;
  }
  return lines;
}

/// A file that exists in memory only.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("kubeconfig", MFD_CLOEXEC)) {
    require(descriptor_ >= 0, "a file in memory can be made");
    require(::write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "and written");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

void fuzz_watch(std::string_view bytes) {
  const auto whole = lines_of(bytes, bytes.size() + 1);
  const auto by_seven = lines_of(bytes, 7);
  // Where a line is too long, both stop, but the one that sees more at once may stop earlier.
  require(whole.size() <= by_seven.size() && std::equal(whole.begin(), whole.end(), by_seven.begin()),
          "lines do not depend on how the stream is cut");
  for (const auto& line : whole) {
    const auto event = kubernetes::parse_watch_event(line);
    if (!event) require(!event.error().empty(), "an error is a sentence");
    if (event && event->type != kubernetes::WatchEvent::Type::error)
      require(!event->resource_version.empty(), "an event has a resourceVersion");
  }
}

void fuzz_api_answer(std::string_view bytes) {
  const auto end = bytes.find('\n');
  const auto status =
      kubernetes::parse_api_status(bytes.substr(end == std::string_view::npos ? bytes.size() : end + 1));
  if (status.retry_after) require(status.retry_after->count() >= 0, "nobody waits for a negative time");
  const auto delay =
      kubernetes::parse_retry_after(bytes.substr(0, end), std::chrono::sys_seconds{std::chrono::hours(1)});
  if (delay) require(delay->count() >= 0, "nobody waits for a negative time");
}

void fuzz_kubeconfig(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto access =
      kubernetes::load_kubeconfig(file.path(), "", [] { return std::chrono::steady_clock::time_point{}; });
  if (!access) require(!access.error().empty(), "an error is a sentence");
}

void fuzz_exec_credential(std::string_view bytes) {
  const auto read = kubernetes::read_exec_credential(bytes, "client.authentication.k8s.io/v1");
  if (!read) return require(!read.error().empty(), "an error is a sentence");
  require(!read->token.empty() || !read->certificate_pem.empty(), "a credential identifies somebody");
  require(read->token.find_first_of(" \r\n") == std::string::npos, "a token writes no header of its own");
  require(read->certificate_pem.empty() == read->private_key_pem.empty(), "a certificate has its key");
}

}  // namespace seraphim::fuzz
