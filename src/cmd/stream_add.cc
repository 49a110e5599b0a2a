// XADD and XTRIM. A trim that may stop early (~, LIMIT) is propagated as the exact one that leads to the same stream,
// and an id that was chosen here as the one that it became.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/c_text.h"
#include "base/parse_number.h"
#include "cmd/numbers.h"
#include "cmd/stream_parts.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using base::c_text;
using session::Context;
using store::Stream;
using store::StreamTrim;

constexpr ds::StreamId last_possible_id = ds::StreamId::max();

struct AddOptions {
  StreamTrim trim;
  size_t trim_argument = 0;  // of the threshold
  bool limit_given = false;
  bool make_no_stream = false;
  ds::StreamId id;
  bool id_given = false;
  bool sequence_given = true;
  size_t id_argument = 0;
};

// MAXLEN or MINID at *i, which moves to its last argument.
bool parse_threshold(Context& context, size_t* i, StreamTrim::By by, AddOptions* options) {
  StreamTrim& trim = options->trim;
  if (trim.by != StreamTrim::By::nothing) {
    return context.fail("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  const std::string_view next = c_text(context[*i + 1]);
  trim.approximate = false;
  if (context.size() - *i > 2 && (next == "~" || next == "=")) {
    trim.approximate = next == "~";
    ++*i;
  }
  ++*i;
  if (by == StreamTrim::By::length) {
    const auto length = context.integer(*i);
    if (!length) return false;
    if (*length < 0) return context.fail("ERR The MAXLEN argument must be >= 0.");
    trim.length = static_cast<uint64_t>(*length);
  } else {
    const auto id = stream_id_argument(context, *i);
    if (!id) return false;
    trim.id = *id;
  }
  trim.by = by;
  options->trim_argument = *i;
  return true;
}

bool parse_limit(Context& context, size_t* i, AddOptions* options) {
  const auto limit = context.integer(++*i);
  if (!limit) return false;
  if (*limit < 0) return context.fail("ERR The LIMIT argument must be >= 0.");
  options->trim.limit = static_cast<uint64_t>(*limit);
  options->limit_given = true;
  return true;
}

// The id at i, or what is no option.
bool parse_id(Context& context, size_t i, AddOptions* options) {
  const auto id = ds::parse_stream_id(context[i], 0, &options->sequence_given);
  if (!id) return context.fail(invalid_stream_id);
  options->id = *id;
  options->id_given = true;
  return true;
}

bool parse_options(Context& context, bool adding, AddOptions* options) {
  size_t i = 2;
  for (; i < context.size(); ++i) {
    const bool has_more = i + 1 < context.size();
    if (adding && c_text(context[i]) == "*") break;
    if (has_more && session::equals_lower(context[i], "maxlen")) {
      if (!parse_threshold(context, &i, StreamTrim::By::length, options)) return false;
    } else if (has_more && session::equals_lower(context[i], "minid")) {
      if (!parse_threshold(context, &i, StreamTrim::By::id, options)) return false;
    } else if (has_more && session::equals_lower(context[i], "limit")) {
      if (!parse_limit(context, &i, options)) return false;
    } else if (adding && session::equals_lower(context[i], "nomkstream")) {
      options->make_no_stream = true;
    } else if (!adding) {
      return context.fail(session::errors::syntax);
    } else {
      if (!parse_id(context, i, options)) return false;
      break;
    }
  }
  options->id_argument = i;
  return true;
}

// What an approximate trim may remove unless it says so: some hundred nodes.
uint64_t default_limit(int64_t node_entries) {
  constexpr int64_t nodes = 100, unbounded = 10'000, most = 1'000'000;
  int64_t limit = 0;
  if (__builtin_mul_overflow(nodes, node_entries, &limit) || limit <= 0) limit = unbounded;
  return static_cast<uint64_t>(std::min(limit, most));
}

bool settle_limit(Context& context, bool adding, AddOptions* options) {
  StreamTrim& trim = options->trim;
  if (trim.limit != 0 && trim.by == StreamTrim::By::nothing) {
    return context.fail("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (!adding && trim.by == StreamTrim::By::nothing) {
    return context.fail("ERR syntax error, XTRIM must be called with a trimming strategy");
  }
  // What a master sends was trimmed there; its LIMIT stands beside an exact threshold.
  if (context.client().type == session::ClientType::master) {
    trim.limit = 0;
  } else if (options->limit_given && !trim.approximate) {
    return context.fail("ERR syntax error, LIMIT cannot be used without the special ~ option");
  } else if (!options->limit_given && trim.approximate) {
    trim.limit = default_limit(context.session().options().encodings.stream_node_entries);
  }
  return true;
}

uint64_t trim_stream(Context& context, Stream& stream, const StreamTrim& trim) {
  std::unique_ptr<Stream> discarded;
  const uint64_t removed = stream.trim(trim, &discarded);
  if (discarded) context.database().let_go(std::move(discarded));
  if (removed != 0) context.notify(session::event_stream, "xtrim", context[1]);
  return removed;
}

// The command with the id that was made and with an exact threshold.
void propagate_settled(Context& context, const Stream& stream, const AddOptions& options, std::string_view id) {
  if (!context.session().effects().propagating()) return context.propagate_nothing();
  std::vector<std::string_view> arguments(context.arguments().begin(), context.arguments().end());
  char length[24];
  const bool by_length = options.trim.by == StreamTrim::By::length;
  const StreamIdText edge(by_length ? ds::StreamId{} : stream.edge_id());
  if (options.trim.approximate) {
    arguments[options.trim_argument - 1] = "=";
    arguments[options.trim_argument] =
        by_length ? std::string_view(length, base::format_unsigned(length, stream.length())) : edge.view();
  }
  if (!id.empty()) arguments[options.id_argument] = id;
  context.propagate_as(arguments);
}

// --- XADD ---

// The id that the entry gets; nullopt: the error was replied.
std::optional<ds::StreamId> choose_id(Context& context, const ds::StreamId& last, const AddOptions& options) {
  if (last == last_possible_id) {
    context.fail("ERR The stream has exhausted the last possible ID, unable to add more items");
    return std::nullopt;
  }
  ds::StreamId id = options.id;
  if (!options.id_given) {
    id = {static_cast<uint64_t>(context.now_ms()), 0};
    if (id.ms <= last.ms) {
      id = last;
      id.increment();
    }
  } else if (!options.sequence_given && id.ms == last.ms) {
    // At the end of the sequence it wraps around, and is refused below.
    id.sequence = last.sequence + 1;
  }
  if (id > last) return id;
  context.fail("ERR The ID specified in XADD is equal or smaller than the target stream top item");
  return std::nullopt;
}

bool check_entry(Context& context, const AddOptions& options, ds::StreamFields* fields) {
  const size_t first = options.id_argument + 1;
  if (first + 2 > context.size() || (context.size() - first) % 2 == 1) {
    return context.fail("ERR wrong number of arguments for 'xadd' command");
  }
  if (options.id_given && options.sequence_given && options.id.is_zero()) {
    return context.fail("ERR The ID specified in XADD must be greater than 0-0");
  }
  *fields = context.arguments().subspan(first);
  return true;
}

bool fits(Context& context, ds::StreamFields fields) {
  size_t bytes = 0;
  for (const std::string_view text : fields) bytes += text.size();
  return bytes <= Stream::entry_bytes_max || context.fail("ERR Elements are too large to be stored");
}

void xadd(Context& context) {
  AddOptions options;
  ds::StreamFields fields;
  if (!parse_options(context, true, &options) || !settle_limit(context, true, &options)) return;
  if (!check_entry(context, options, &fields)) return;
  const store::KeyRef key = context.key(1);
  const store::Entry* const entry = context.write(key);
  if (!context.require_type(entry, store::Type::stream)) return;
  if (!entry && options.make_no_stream) return context.reply().null();
  const auto id = choose_id(context, entry ? stream_of(*entry).last_id : ds::StreamId{}, options);
  if (!id || !fits(context, fields)) return;

  Stream& stream = entry ? stream_of(*entry) : make_stream(context, key);
  stream.append(*id, fields, context.session().options().encodings);
  const StreamIdText text(*id);
  context.reply().bulk(text.view());
  context.changed(key.bytes, session::event_stream, "xadd");
  context.ready(key.bytes);
  trim_stream(context, stream, options.trim);
  const bool id_made = !options.id_given || !options.sequence_given;
  if (id_made || options.trim.approximate) {
    propagate_settled(context, stream, options, id_made ? text.view() : std::string_view());
  }
}

// --- XTRIM ---

void xtrim(Context& context) {
  AddOptions options;
  if (!parse_options(context, false, &options) || !settle_limit(context, false, &options)) return;
  const store::KeyRef key = context.key(1);
  const store::Entry* const entry = context.write(key);
  if (!entry) return context.reply().integer(0);
  if (!context.require_type(entry, store::Type::stream)) return;
  Stream& stream = stream_of(*entry);
  const uint64_t removed = trim_stream(context, stream, options.trim);
  if (removed != 0) {
    context.touched(key.bytes);
    context.add_dirty(static_cast<int64_t>(removed));
    if (options.trim.approximate) propagate_settled(context, stream, options, {});
  }
  context.reply().integer(static_cast<int64_t>(removed));
}

constexpr session::CommandRow rows[] = {
    {.name = "xadd",
     .handler = xadd,
     .arity = -5,
     .flags = "write denyoom fast",
     .keys = "RW UPDATE @1 range 0 1 0 #UPDATE instead of INSERT because of the optional trimming feature",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
     .summary = "Appends an entry to a stream, which is created if need be, and may trim it.",
     .arguments = "key:key [NOMKSTREAM]@6.2.0 trim=[strategy=(MAXLEN|MINID@6.2.0) "
                  "[operator=(equal=\"=\"|approximately=\"~\")] threshold [LIMIT count:integer]@6.2.0] "
                  "id-selector=(auto-id=\"*\"|id) data=(field value)...",
     .tips = "nondeterministic_output",
     .history = "6.2.0=Added the `NOMKSTREAM` option, the `MINID` strategy and the `LIMIT` option.;"
                "7.0.0=Added ids of the form `<ms>-*`."},
    {.name = "xtrim",
     .handler = xtrim,
     .arity = -4,
     .flags = "write",
     .keys = "RW DELETE @1 range 0 1 0",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "O(N), with N being the number of evicted entries. Whole nodes of entries go at once.",
     .summary = "Removes the oldest entries of a stream.",
     .arguments = "key:key trim=(strategy=(MAXLEN|MINID@6.2.0) [operator=(equal=\"=\"|approximately=\"~\")] threshold "
                  "[LIMIT count:integer]@6.2.0)",
     .tips = "nondeterministic_output",
     .history = "6.2.0=Added the `MINID` strategy and the `LIMIT` option."},
};

}  // namespace

std::span<const session::CommandRow> stream_add_rows() { return rows; }

}  // namespace torc::cmd
