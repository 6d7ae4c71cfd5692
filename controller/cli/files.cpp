#include "cli/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <sstream>

namespace seraphim::cli {

tl::expected<std::string, std::string> read_file(const std::string& path, const Surroundings& surroundings) {
  std::ostringstream text;
  if (path == "-") {
    text << surroundings.in.rdbuf();
    return text.str();
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad())
    return tl::unexpected(path + " cannot be read: " + std::strerror(errno != 0 ? errno : EIO));
  return text.str();
}

tl::expected<void, std::string> write_file(const std::string& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file.fail())
    return tl::unexpected(path + " cannot be written: " + std::strerror(errno != 0 ? errno : EIO));
  return {};
}

}  // namespace seraphim::cli
