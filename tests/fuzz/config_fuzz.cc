// Fuzzes the configuration file and what follows from it. Whatever a text says: every value that is shown is accepted
// again and stays the same (CONFIG SET's rolling back relies on it), a CONFIG SET that fails changes nothing, and what
// CONFIG REWRITE would write is read as the same values.
//
// Behind a byte 0xff the input goes on with one CONFIG SET: names and values, separated by 0xfe.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acl/authentication.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/split_arguments.h"
#include "config/configuration.h"
#include "config/loader.h"
#include "config/rewriter.h"
#include "net/settings.h"
#include "session/session.h"

namespace {

namespace config = torc::config;
using Values = std::map<std::string, std::string>;

constexpr char change_marker = '\xff';
constexpr char word_marker = '\xfe';

// A configuration with the rows of the parts that need no ring.
struct Rig {
  torc::base::ManualClock clock{1'700'000'000'000'000};
  torc::base::Random random{1};
  torc::store::Keyspace keyspace{1, {1, 2}};
  torc::session::Registry registry;
  torc::acl::Authentication authentication;
  torc::session::Session session{{&keyspace, &registry, &clock, &random, nullptr, &authentication, {}}};
  torc::net::NetworkOptions network;
  config::Configuration configuration;

  Rig() {
    configuration.add(session.settings());
    configuration.add(authentication.settings([] {}));
    configuration.add(torc::net::network_settings(&network, {}));
  }

  [[nodiscard]] bool load(std::string_view text) {
    config::Loader loader(&configuration);
    const auto loaded = loader.load_text(text, "fuzz.conf");
    if (!loaded) TORC_ASSERT(loaded.error().line > 0 && !loaded.error().reason.empty());
    return loaded && loader.finish();
  }

  [[nodiscard]] Values values() {
    Values values;
    for (torc::base::Setting* setting : configuration.settings()) values[setting->name] = setting->get();
    return values;
  }
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Other files are none of a fuzzer's business.
std::string without_includes(std::string_view text) {
  std::string kept;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = torc::base::split_arguments(config::trim_line(line));
    if (words && !words->empty() && same_name(words->front(), "include")) continue;
    kept.append(line).append("\n");
  }
  return kept;
}

void check_values_are_accepted(Rig& rig) {
  for (torc::base::Setting* setting : rig.configuration.settings()) {
    if (setting->kind == torc::base::SettingKind::immutable) continue;
    const std::string value = setting->get();
    TORC_ASSERT(setting->set(value));
    TORC_ASSERT(setting->get() == value);
  }
}

void change(Rig& rig, std::string_view text) {
  const std::vector<std::string_view> words = split(text, word_marker);
  std::vector<std::pair<std::string_view, std::string_view>> changes;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    // This one raises a limit of the process.
    if (!same_name(words[i], "maxclients")) changes.emplace_back(words[i], words[i + 1]);
  }
  const Values before = rig.values();
  const auto changed = rig.configuration.set(changes, true);
  if (!changed) TORC_ASSERT(changed.error().starts_with("ERR ") && rig.values() == before);
}

void check_rewritten(Rig& rig, std::string_view old_text) {
  for (const bool all : {false, true}) {
    config::Rewriter rewriter(rig.configuration, old_text, all);
    for (torc::base::Setting* setting : rig.configuration.settings()) rewriter.rewrite(*setting);
    Rig again;
    TORC_ASSERT(again.load(rewriter.text()));
    TORC_ASSERT(again.values() == rig.values());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(input.find(change_marker), input.size());
  const std::string text = without_includes(input.substr(0, end));
  Rig rig;
  const bool loaded = rig.load(text);
  check_values_are_accepted(rig);
  if (end < size) change(rig, input.substr(end + 1));
  if (loaded) check_rewritten(rig, text);
  return 0;
}
