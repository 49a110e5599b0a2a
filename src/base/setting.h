// Configuration rows. The part that owns a value describes it here, once: name, limits, default, where it is stored and
// what must happen after a change. CONFIG GET, CONFIG SET, the configuration file and the command line all derive from
// the rows; src/server gathers them. The error texts are those of Redis's CONFIG SET.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::base {

enum class SettingKind : uint8_t {
  ordinary,    // CONFIG SET may change it
  immutable,   // only at start
  protected_,  // CONFIG SET only as enable-protected-configs allows
};

// How CONFIG REWRITE puts a value into the file: as get() prints it, between quotes, or as bytes with a unit.
enum class SettingForm : uint8_t { plain, quoted, bytes };

// One of the lines of a setting that has several (save, client-output-buffer-limit).
struct SettingLine {
  std::string value;
  bool is_default = false;  // need not be written
};

struct Setting {
  // nullopt-like success or the reason, as it stands behind "CONFIG SET failed (possibly related to argument 'x') - ".
  using Result = std::expected<void, std::string>;

  std::string name;   // lower case
  std::string alias;  // a second name, or empty
  SettingKind kind = SettingKind::ordinary;
  // The file's line may have several arguments; set() gets them joined by single spaces.
  bool multi_argument = false;
  bool sensitive = false;  // never written to the log
  bool unlisted = false;   // CONFIG GET shows it under its full name only
  SettingForm form = SettingForm::plain;
  std::string default_value;  // as get() would print it
  std::function<std::string()> get;
  std::function<Result(std::string_view)> set;  // parses, checks and stores; on failure nothing is changed
  // May be empty; runs once after all of a CONFIG SET is stored; a failure rolls all back.
  std::function<Result()> apply;
  // May be empty: what the second line of a file that names the setting does, instead of set().
  std::function<Result(std::string_view)> add;
  // May be empty: the lines for CONFIG REWRITE; otherwise it is one line, from get().
  std::function<std::vector<SettingLine>()> lines;

  Setting&& immutable() &&;
  Setting&& protect() &&;
  Setting&& named_also(std::string_view second_name) &&;
  Setting&& hide_value() &&;
  Setting&& unlist() &&;
  Setting&& when_changed(std::function<Result()> apply) &&;
};

using Settings = std::vector<Setting>;
// Name and value of an enumeration, in the order in which errors list them.
using EnumNames = std::vector<std::pair<std::string_view, int>>;

// Factories: each stores default_value into *storage at once. Storage must outlive the row.
Setting boolean_setting(std::string_view name, bool* storage, bool default_value);
Setting integer_setting(std::string_view name, int64_t* storage, int64_t minimum, int64_t maximum,
                        int64_t default_value);
// Bytes with the units of redis.conf.
Setting memory_setting(std::string_view name, uint64_t* storage, uint64_t minimum, uint64_t maximum,
                       uint64_t default_value);
// A number with a percent sign is stored negative (maxmemory-clients 5% is -5).
Setting percent_or_memory_setting(std::string_view name, int64_t* storage, int64_t minimum, int64_t maximum,
                                  int64_t default_value);
Setting enum_setting(std::string_view name, int* storage, EnumNames names, int default_value);
// A set of names, each a bit; the value 0 has a name, too. Several arguments.
Setting flags_setting(std::string_view name, int* storage, EnumNames names, int default_value);
// A NUL ends it, as with the C strings that Redis keeps.
Setting text_setting(std::string_view name, std::string* storage, std::string_view default_value);
// A text of any bytes (a password).
Setting bytes_setting(std::string_view name, std::string* storage, std::string_view default_value);
// An unsigned octal mode such as unixsocketperm.
Setting octal_setting(std::string_view name, int64_t* storage, int64_t maximum, int64_t default_value);

// The arguments of a multi-argument setting.
[[nodiscard]] std::vector<std::string_view> setting_words(std::string_view value);

}  // namespace torc::base
