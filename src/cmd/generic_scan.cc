// KEYS and SCAN. Neither ever shows an overdue key: KEYS passes over it, SCAN deletes those that it met (after the
// walk, since the table must not change under it).
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/c_text.h"
#include "cmd/collection_scan.h"
#include "cmd/generic_parts.h"
#include "cmd/numbers.h"
#include "ds/glob.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;
using session::equals_lower;

void keys(Context& context) {
  const std::string_view pattern = context[1];
  const bool all = pattern == "*";
  const int64_t now_ms = context.now_ms();
  resp::Reply& reply = context.reply();
  const resp::Output::Mark mark = reply.defer();
  size_t count = 0;
  context.database().for_each([&](const store::Entry& entry) {
    if (!all && !ds::glob_match(pattern, entry.key())) return;
    if (entry.overdue(now_ms)) return;
    reply.bulk(entry.key());
    ++count;
  });
  reply.end_array(mark, count);
}

struct ScanOptions {
  int64_t count = 10;
  std::optional<std::string_view> pattern;  // not set: every key
  bool of_type = false;
  std::optional<store::Type> type;  // not set with of_type: a type that no value has
};

std::optional<store::Type> type_named(std::string_view name) {
  using enum store::Type;
  for (store::Type type : {string, list, set, zset, hash, stream})
    if (equals_lower(name, store::type_name(type))) return type;
  return std::nullopt;
}

bool parse_scan(Context& context, ScanOptions* options) {
  for (size_t i = 2; i < context.size(); i += 2) {
    if (i + 1 == context.size()) return context.fail(session::errors::syntax);
    const std::string_view value = context[i + 1];
    if (equals_lower(context[i], "count")) {
      const auto count = context.integer(i + 1);
      if (!count) return false;
      if (*count < 1) return context.fail(session::errors::syntax);
      options->count = *count;
    } else if (equals_lower(context[i], "match")) {
      options->pattern.reset();
      if (value != "*") options->pattern = value;
    } else if (equals_lower(context[i], "type")) {
      options->of_type = true;
      options->type = type_named(base::c_text(value));
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  return true;
}

// One SCAN under way: replies the keys that are wanted and remembers those that are overdue.
class Scan {
 public:
  Scan(Context& context, const ScanOptions& options) : context_(context), options_(options) {}

  void visit(const store::Entry& entry) {
    if (options_.pattern && !ds::glob_match(*options_.pattern, entry.key())) return;
    if (entry.overdue(context_.now_ms())) {
      overdue_.emplace_back(entry.key());
      return;
    }
    // Redis looks the key up to learn its type, which counts.
    hits_ += options_.of_type;
    if (options_.of_type && options_.type != entry.type()) return;
    context_.reply().bulk(entry.key());
    ++replied_;
  }

  void finish() {
    session::Session& session = context_.session();
    session.statistics().hits += hits_;
    if (options_.of_type) session.statistics().misses += overdue_.size();
    for (const std::string& name : overdue_) {
      const store::KeyRef key = context_.make_key(name);
      store::Entry* entry = context_.database().find(key);
      if (entry) session.expire_on_read(context_.database_index(), key, entry);
    }
  }

  [[nodiscard]] size_t replied() const { return replied_; }

 private:
  Context& context_;
  const ScanOptions& options_;
  size_t replied_ = 0, hits_ = 0;
  std::vector<std::string> overdue_;
};

void scan(Context& context) {
  const auto cursor = parse_scan_cursor(context[1]);
  if (!cursor) {
    context.fail("ERR invalid cursor");
    return;
  }
  ScanOptions options;
  if (!parse_scan(context, &options)) return;
  resp::Output& output = context.reply().output();
  const resp::Output::Mark mark = output.mark();
  Scan scan(context, options);
  const uint64_t next = context.database().scan(*cursor, static_cast<size_t>(options.count),
                                                [&](const store::Entry& entry) { scan.visit(entry); });
  // The cursor stands before the keys but is known only now.
  const std::string digits = fmt::format("{}", next);
  output.insert_at(mark, fmt::format("*2\r\n${}\r\n{}\r\n*{}\r\n", digits.size(), digits, scan.replied()));
  scan.finish();
}

constexpr CommandRow rows[] = {
    {.name = "keys",
     .handler = keys,
     .arity = 2,
     .flags = "readonly",
     .acl = "keyspace dangerous",
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(N) in the number of keys of the database",
     .summary = "Lists all keys that match a pattern.",
     .arguments = "pattern:pattern",
     .tips = "request_policy:all_shards;nondeterministic_output_order"},
    {.name = "scan",
     .handler = scan,
     .arity = -2,
     .flags = "readonly touches_arbitrary_keys",
     .acl = "keyspace",
     .group = "generic",
     .since = "2.8.0",
     .complexity = "O(1) for a call, O(N) for all calls until the cursor is 0 again",
     .summary = "Walks over the keys of the database, some at a time.",
     .arguments = "cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [TYPE type]@6.0.0",
     .tips = "nondeterministic_output;request_policy:special;response_policy:special",
     .history = "6.0.0=Takes the option `TYPE`."},
};

}  // namespace

std::span<const CommandRow> generic_scan_rows() { return rows; }

}  // namespace torc::cmd
