// Commands as data. A CommandRow stands beside its handler, in the folder that owns the state it touches; COMMAND,
// COMMAND DOCS, ACL categories, cluster routing and the documentation derive from it. The registry turns rows into
// Commands, which carry what belongs to one server: statistics, the module they act on, their subcommands.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ds/histogram.h"

namespace torc::session {

class Context;
using Handler = void (*)(Context&);

// The order is that of COMMAND INFO's flags.
enum CommandFlag : uint32_t {
  flag_write = 1 << 0,
  flag_readonly = 1 << 1,
  flag_denyoom = 1 << 2,
  flag_admin = 1 << 3,
  flag_pubsub = 1 << 4,
  flag_noscript = 1 << 5,
  flag_blocking = 1 << 6,
  flag_loading = 1 << 7,
  flag_stale = 1 << 8,
  flag_skip_monitor = 1 << 9,
  flag_skip_slowlog = 1 << 10,
  flag_asking = 1 << 11,
  flag_fast = 1 << 12,
  flag_no_auth = 1 << 13,
  flag_may_replicate = 1 << 14,
  flag_sentinel = 1 << 15,
  flag_only_sentinel = 1 << 16,
  flag_no_mandatory_keys = 1 << 17,
  flag_protected = 1 << 18,
  flag_no_async_loading = 1 << 19,
  flag_no_multi = 1 << 20,
  flag_movablekeys = 1 << 21,
  flag_allow_busy = 1 << 22,
  flag_touches_arbitrary_keys = 1 << 23,
  flag_in_transaction = 1 << 25,  // ours, "in_transaction": runs at once inside MULTI instead of being queued
  flag_syscmd = 1u << 31,         // COMMAND DOCS' doc_flags
};

// What a command does with a key. The order is that of COMMAND INFO.
enum KeyFlag : uint32_t {
  key_ro = 1 << 0,
  key_rw = 1 << 1,
  key_ow = 1 << 2,
  key_rm = 1 << 3,
  key_access = 1 << 4,
  key_update = 1 << 5,
  key_insert = 1 << 6,
  key_delete = 1 << 7,
  key_not_key = 1 << 8,
  key_incomplete = 1 << 9,
  key_variable_flags = 1 << 10,
};

struct KeyPosition;  // registry.h

// One row, all text static. Empty where nothing applies.
struct CommandRow {
  std::string_view name;      // "get"; a subcommand: "client|list"
  Handler handler = nullptr;  // null for a container whose work is its subcommands'
  int arity = 0;              // with the name; negative: at least
  std::string_view flags;     // names as in COMMAND INFO, separated by spaces: "write denyoom fast"
  // Key specifications separated by ';', each "<flags> @<begin> <find>":
  //   begin: @N (argument N) or @WORD:N (after the keyword WORD, searched from N) or @? (unknown)
  //   find:  range <last> <step> <limit> | keynum <keynumidx> <first> <step> | unknown
  //   flags: RO RW OW RM ACCESS UPDATE INSERT DELETE NOT_KEY INCOMPLETE VARIABLE_FLAGS
  // and, if need be, " #" and notes for COMMAND INFO at the end; e.g. "RW ACCESS UPDATE @1 range 0 1 0"
  std::string_view keys = {};
  std::string_view acl = {};  // ACL categories beyond those that the flags imply: "string", "keyspace dangerous"
  std::string_view group;  // "string", "generic" ...
  std::string_view since;  // "1.0.0"
  std::string_view complexity;
  std::string_view summary;  // our own sentence
  // The argument tree in one line: words separated by spaces; lower case is a placeholder, "name:type" where the type
  // is not string (key, integer, double, pattern, unix-time); UPPER CASE a token; [] optional, (a|b) one of, ... may
  // repeat (with its token: +...). COMMAND DOCS names a group "name=(NX|XX)"; argument_tree.h has the grammar in full.
  // E.g. "key:key value [condition=(NX|XX)] [GET] [expiration=(EX seconds:integer|KEEPTTL)]"
  std::string_view arguments;
  std::string_view tips;        // separated by ';': "nondeterministic_output;request_policy:all_shards"
  std::string_view history;     // "6.2.0=Added the GET option.;7.0.0=..." in our own words
  std::string_view deprecated;  // "2.6.12=`SET` with the `NX` option": since when, and what replaces it
  // For a specification with VARIABLE_FLAGS: the KeyFlags of this request's keys.
  uint32_t (*variable_key_flags)(std::span<const std::string_view> arguments) = nullptr;
  // The argument that names the element of the value which the command will look for: 0 if there is none or several
  // places are possible. Looking ahead uses it.
  uint8_t element_argument = 0;
  // For keys that no specification can describe: finds all keys of a request, instead of the specifications.
  void (*key_finder)(std::span<const std::string_view> arguments, std::vector<KeyPosition>* keys) = nullptr;
};

// A row of a family whose rows differ in these columns only; the others are empty.
constexpr CommandRow brief_row(std::string_view group, std::string_view name, Handler handler, int arity,
                               std::string_view flags, std::string_view since, std::string_view complexity,
                               std::string_view summary, std::string_view arguments = {}, std::string_view tips = {},
                               std::string_view history = {}, std::string_view deprecated = {}) {
  return {.name = name,
          .handler = handler,
          .arity = arity,
          .flags = flags,
          .group = group,
          .since = since,
          .complexity = complexity,
          .summary = summary,
          .arguments = arguments,
          .tips = tips,
          .history = history,
          .deprecated = deprecated};
}

// The same for a family of data commands: its name is also its ACL category, and its commands have keys. The columns
// stand in CommandRow's order.
constexpr CommandRow family_row(std::string_view family, std::string_view name, Handler handler, int arity,
                                std::string_view flags, std::string_view keys, std::string_view since,
                                std::string_view complexity, std::string_view summary, std::string_view arguments,
                                std::string_view history = {}, std::string_view deprecated = {}) {
  CommandRow row = brief_row(family, name, handler, arity, flags, since, complexity, summary, arguments, {}, history,
                             deprecated);
  row.keys = keys;
  row.acl = family;
  return row;
}

struct KeySpec {
  enum class Begin : uint8_t { index, keyword, unknown };
  enum class Find : uint8_t { range, keynum, unknown };
  uint32_t flags = 0;  // KeyFlags
  Begin begin = Begin::unknown;
  int begin_index = 0;  // index: the argument; keyword: where the search starts
  std::string keyword;
  Find find = Find::unknown;
  int a = 0, b = 0, c = 0;  // range: last, step, limit; keynum: index, first, step
  std::string notes;
};

// One command (or subcommand) of one server.
struct Command {
  const CommandRow* row = nullptr;
  std::string full_name;  // "client|list"
  std::string name;       // "list"
  std::string called;     // what clients call it: full_name unless rename-command changed it
  Handler handler = nullptr;
  void* module = nullptr;  // what Context::module() gives
  int arity = 0;
  uint32_t flags = 0;
  std::vector<KeySpec> key_specs;
  int first_key = 0, last_key = 0, key_step = 0;  // the legacy triple of COMMAND INFO
  std::vector<std::string> acl_categories;        // without '@'
  Command* parent = nullptr;
  std::vector<std::unique_ptr<Command>> subcommands;

  // statistics (INFO commandstats, latencystats)
  uint64_t calls = 0;
  uint64_t cycles = 0;
  uint64_t rejected_calls = 0;
  uint64_t failed_calls = 0;
  std::unique_ptr<ds::Histogram> latency;  // nanoseconds; null until the first call that latency-tracking sees

  void record_latency(uint64_t nanoseconds) {
    if (!latency) [[unlikely]]
      latency = std::make_unique<ds::Histogram>();
    latency->record(nanoseconds);
  }
  [[nodiscard]] bool has(uint32_t flag) const noexcept { return flags & flag; }
  [[nodiscard]] Command* subcommand(std::string_view name) const noexcept;  // any case
  [[nodiscard]] bool arity_allows(size_t arguments) const noexcept {
    return arity >= 0 ? arguments == static_cast<size_t>(arity) : arguments >= static_cast<size_t>(-arity);
  }
};

}  // namespace torc::session
