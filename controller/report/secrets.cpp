#include "report/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "api/ascii.h"

namespace seraphim::report {
namespace {

using nlohmann::json;

/// Gives what to show for a value of that name.
using Show = std::function<std::string(const std::string& name, const std::string& value)>;

constexpr std::array<std::string_view, 12> kTelling{"token",     "password",   "passwd",     "passphrase",
                                                    "secret",    "credential", "apikey",     "api_key",
                                                    "accesskey", "access_key", "privatekey", "private_key"};
constexpr std::array<std::string_view, 6> kEndings{"key", "pass", "pwd", "auth", "authorization", "cookie"};

std::string folded(std::string_view name) {
  std::string low = api::lower_case(std::string(name));
  std::replace(low.begin(), low.end(), '-', '_');
  return low;
}

bool tells_of_a_secret(std::string_view name) {
  const std::string low = folded(name);
  return std::any_of(kTelling.begin(), kTelling.end(),
                     [&](auto word) { return low.find(word) != std::string::npos; });
}

/// "auth" in "x.auth_header"
bool has_word(std::string_view folded_name, std::string_view word) {
  const auto ends_word = [&](std::size_t at) {
    return at >= folded_name.size() || folded_name[at] == '_' || folded_name[at] == '.';
  };
  for (auto at = folded_name.find(word); at != std::string_view::npos; at = folded_name.find(word, at + 1)) {
    if ((at == 0 || ends_word(at - 1)) && ends_word(at + word.size())) return true;
  }
  return false;
}

/// Of a variable, a header or a flag; members of Kubernetes objects are called "key" for other reasons.
bool names_a_secret(std::string_view name) {
  const std::string low = folded(name);
  return tells_of_a_secret(name) || std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) {
           return low.ends_with(ending) || has_word(low, ending);
         });
}

/// A member that only names a Secret shows where to look.
bool is_reference(std::string_view member) {
  return member == "secretName" || member.ends_with("KeyRef");
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

/// Where the value after an "=" ends.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  if (begin < text.size() && (text[begin] == '"' || text[begin] == '\'')) {
    const auto close = text.find(text[begin], begin + 1);
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find_first_of(" \t\n&;,\"'", begin), text.size());
}

/// The text with what stands behind NAME= of a secret shown in another way.
std::string with_assignments_shown(const std::string& text, const Show& show) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t sign = text.find('='); sign != std::string::npos; sign = text.find('=', sign + 1)) {
    if (sign < done) continue;
    std::size_t begin = sign;
    while (begin > done && is_name_character(text[begin - 1])) --begin;
    const std::string name = text.substr(begin, sign - begin);
    const std::size_t end = end_of_value(text, sign + 1);
    if (name.empty() || end == sign + 1 || !names_a_secret(name)) continue;
    out += text.substr(done, sign + 1 - done) + show(name, text.substr(sign + 1, end - sign - 1));
    done = end;
  }
  return out + text.substr(done);
}

/// "https://user:pass@host" without the pass.
std::string with_passwords_shown(const std::string& text, const Show& show) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(text.find_first_of("/?# \t\n", begin), text.size());
  const auto at = text.rfind('@', end);
  if (at == std::string::npos || at < begin || at >= end) {
    return text.substr(0, end) + with_passwords_shown(text.substr(end), show);
  }
  const auto colon = text.find(':', begin);
  const std::size_t from = colon < at ? colon + 1 : begin;  // without a colon the user is the secret
  return text.substr(0, from) + show("URL", text.substr(from, at - from)) + text.substr(at, end - at) +
         with_passwords_shown(text.substr(end), show);
}

std::string shown_text(const std::string& text, const Show& show) {
  return with_passwords_shown(with_assignments_shown(text, show), show);
}

/// Goes through all texts of a value.
class Veil {
 public:
  explicit Veil(const Show& show) : show_(show) {}

  void draw(json& value) {
    if (value.is_string()) value = shown_text(value.get<std::string>(), show_);
    if (value.is_object()) draw_object(value);
    if (value.is_array()) draw_array(value);
  }

 private:
  void draw_object(json& object) {
    const auto name = object.find("name"), held = object.find("value");
    const bool pair = name != object.end() && name->is_string() && held != object.end() && held->is_string();
    const bool secret_pair = pair && names_a_secret(name->get_ref<const std::string&>());
    if (secret_pair) *held = show_(name->get<std::string>(), held->get<std::string>());
    for (auto& [key, member] : object.items()) {
      if (secret_pair && key == "value") continue;
      if (member.is_string() && tells_of_a_secret(key) && !is_reference(key)) {
        member = show_(key, member.get<std::string>());
      } else {
        draw(member);
      }
    }
  }

  /// "--token", "abc": the flag and its value are elements of their own.
  void draw_array(json& array) {
    std::string flag;
    for (json& element : array) {
      const std::string text = element.is_string() ? element.get<std::string>() : std::string();
      if (!flag.empty() && !text.empty() && !text.starts_with('-')) {
        element = show_(flag, text);
      } else {
        draw(element);
      }
      const bool opens = text.starts_with('-') && text.find('=') == std::string::npos && names_a_secret(text);
      flag = opens ? text : std::string();
    }
  }

  const Show& show_;
};

}  // namespace

void hide_secrets(json& before, json& after) {
  std::map<std::string, std::vector<std::string>> values;
  const Show collect = [&](const std::string& name, const std::string& value) {
    auto& known = values[name];
    if (std::find(known.begin(), known.end(), value) == known.end()) known.push_back(value);
    return value;
  };
  const Show hide = [&](const std::string& name, const std::string& value) {
    const auto& known = values[name];
    if (known.size() < 2) return std::string("(hidden)");
    const auto place = std::find(known.begin(), known.end(), value) - known.begin();
    return "(hidden, value " + std::to_string(place + 1) + ")";
  };
  for (const Show& show : {collect, hide}) {
    Veil veil(show);
    veil.draw(before);
    veil.draw(after);
  }
}

std::string without_secrets(std::string_view text) {
  return shown_text(std::string(text), [](const auto&, const auto&) { return std::string("(hidden)"); });
}

}  // namespace seraphim::report
