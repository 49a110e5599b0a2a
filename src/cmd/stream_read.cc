// XREAD and XREADGROUP: what comes after an id in several streams, waiting for it if there is none. They are run again
// from the beginning when something was added; only what "$" stood for is kept from the first run.
//
// What XREADGROUP does to a group is propagated as what happened to each entry: XCLAIM with all that it became.
#include <fmt/format.h>

#include <cstring>
#include <string>

#include "base/c_text.h"
#include "cmd/numbers.h"
#include "cmd/stream_group_parts.h"
#include "cmd/stream_parts.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using base::c_text;
using session::Context;
using store::Consumer;
using store::ConsumerGroup;
using store::Stream;
using store::StreamCursor;

struct ReadOptions {
  bool of_group = false;  // XREADGROUP
  uint64_t count = 0;     // 0: all
  std::optional<int64_t> deadline_ms;  // it may wait
  bool no_acknowledgement = false;
  size_t group_argument = 0;  // with the consumer behind it; 0: none
  size_t first_key = 0;
  size_t streams = 0;
  [[nodiscard]] size_t id_argument(size_t stream) const noexcept { return first_key + streams + stream; }
};

// One of the streams to be read.
struct Source {
  ds::StreamId after;
  bool new_entries = false;  // ">": what the group has not read
  ConsumerGroup* group = nullptr;
};

bool fail_group_only(const Context& context, std::string_view option) {
  return context.fail(fmt::format("ERR The {} option is only supported by XREADGROUP. You called XREAD instead.",
                                  option));
}

// --- arguments ---

bool parse_streams(Context& context, size_t i, ReadOptions* options) {
  options->first_key = i + 1;
  const size_t rest = context.size() - options->first_key;
  options->streams = rest / 2;
  if (rest % 2 == 0) return true;
  return context.fail(fmt::format("ERR Unbalanced '{}' list of streams: for each stream key an ID or '{}' must be "
                                  "specified.",
                                  context.command().full_name, options->of_group ? '>' : '$'));
}

bool parse_count(Context& context, size_t i, ReadOptions* options) {
  const auto count = context.integer(i);
  if (!count) return false;
  options->count = *count < 0 ? 0 : static_cast<uint64_t>(*count);
  return true;
}

bool parse_option(Context& context, size_t* i, ReadOptions* options) {
  const std::string_view option = context[*i];
  const size_t more = context.size() - *i - 1;
  if (session::equals_lower(option, "block") && more > 0) {
    options->deadline_ms = context.timeout_ms(++*i);
    return options->deadline_ms.has_value();
  }
  if (session::equals_lower(option, "count") && more > 0) return parse_count(context, ++*i, options);
  if (session::equals_lower(option, "group") && more > 1) {
    if (!options->of_group) return fail_group_only(context, "GROUP");
    options->group_argument = *i + 1;
    *i += 2;
    return true;
  }
  if (session::equals_lower(option, "noack")) {
    if (!options->of_group) return fail_group_only(context, "NOACK");
    options->no_acknowledgement = true;
    return true;
  }
  return context.fail(session::errors::syntax);
}

bool parse_options(Context& context, ReadOptions* options) {
  for (size_t i = 1; i < context.size() && options->first_key == 0; ++i) {
    const bool streams = session::equals_lower(context[i], "streams") && i + 1 < context.size();
    if (!(streams ? parse_streams(context, i, options) : parse_option(context, &i, options))) return false;
  }
  if (options->first_key == 0) return context.fail(session::errors::syntax);
  if (!options->of_group || options->group_argument != 0) return true;
  return context.fail("ERR Missing GROUP option for XREADGROUP");
}

// --- what is to be read ---

// Before the last entry, so that this one is all that is read.
ds::StreamId before_last(const Stream& stream) {
  ds::StreamId id = stream.last_live_id();
  if (!id.is_zero()) id.decrement();
  return id;
}

// The ids that "$" stood for when a command that is run again was run first; null when it is run first.
const std::string* kept_ids(const Context& context) {
  const session::Waiting* waiting = context.client().waiting.get();
  return waiting ? &waiting->note : nullptr;
}

bool parse_id(Context& context, size_t i, const Stream* stream, const ReadOptions& options, Source* source) {
  const std::string_view text = c_text(context[i]);
  if (text == "$") {
    if (options.of_group) {
      return context.fail(
          "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer "
          "by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result "
          "set.");
    }
    if (stream) source->after = stream->last_id;
    return true;
  }
  if (text == ">") {
    if (!options.of_group) {
      return context.fail(
          "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
    }
    source->new_entries = true;
    return true;
  }
  if (text == "+" && !options.of_group) {
    if (stream) source->after = before_last(*stream);
    return true;
  }
  const auto id = stream_id_argument(context, i);
  if (id) source->after = *id;
  // The greatest id is what ">" is taken for.
  source->new_entries = options.of_group && source->after == ds::StreamId::max();
  return id.has_value();
}

bool find_sources(Context& context, const ReadOptions& options, std::vector<Source>* sources) {
  for (size_t i = 0; i < options.streams; ++i) {
    const size_t key = options.first_key + i;
    const store::Entry* const entry = context.read(context.key(key));
    if (!context.require_type(entry, store::Type::stream)) return false;
    Stream* const stream = entry ? &stream_of(*entry) : nullptr;
    Source source;
    if (options.of_group) {
      const std::string_view name = context[options.group_argument];
      source.group = stream ? stream->find_group(name) : nullptr;
      if (!source.group) {
        return context.fail(fmt::format("NOGROUP No such key '{}' or consumer group '{}' in XREADGROUP with GROUP "
                                        "option",
                                        c_text(context[key]), c_text(name)));
      }
    }
    if (!parse_id(context, options.id_argument(i), stream, options, &source)) return false;
    sources->push_back(source);
  }
  const std::string* const kept = kept_ids(context);
  for (size_t i = 0; i < sources->size() && kept && !kept->empty(); ++i) {
    if (c_text(context[options.id_argument(i)]) != "$") continue;
    std::memcpy(&(*sources)[i].after, kept->data() + i * sizeof(ds::StreamId), sizeof(ds::StreamId));
  }
  return true;
}

// --- reading ---

// The reply's frame: begun with the first stream that has something.
class StreamsReply {
 public:
  explicit StreamsReply(resp::Reply& reply) noexcept : reply_(reply) {}
  void begin_stream(std::string_view key) {
    if (streams_++ == 0) mark_ = reply_.defer();
    if (reply_.protocol() == 2) reply_.array(2);
    reply_.bulk(key);
  }
  // False: there was no stream.
  bool end() {
    if (streams_ == 0) return false;
    if (reply_.protocol() == 2) {
      reply_.end_array(mark_, streams_);
    } else {
      reply_.end_map(mark_, streams_);
    }
    return true;
  }

 private:
  resp::Reply& reply_;
  resp::Output::Mark mark_{};
  size_t streams_ = 0;
};

void read_entries(Context& context, const Stream& stream, ds::StreamId after, uint64_t count) {
  after.increment();
  StreamCursor cursor(stream, after, ds::StreamId::max());
  reply_stream_entries(context.reply(), cursor, count);
}

// --- of a group ---

struct GroupRead {
  size_t key_argument;
  Stream& stream;
  ConsumerGroup& group;
  Consumer& consumer;
};

// Entries that the group has not read go to the consumer.
void deliver_new(Context& context, const ReadOptions& options, const GroupRead& read) {
  ds::StreamId begin = read.group.last_id;
  begin.increment();
  StreamCursor cursor(read.stream, begin, ds::StreamId::max());
  const std::string_view key = context[read.key_argument], name = context[options.group_argument];
  const auto mark = context.reply().defer();
  size_t entries = 0;
  while ((options.count == 0 || entries < options.count) && cursor.next()) {
    const ds::StreamId id = cursor.entry().id;
    if (id > read.group.last_id) read.stream.advance(read.group, id);
    reply_stream_entry(context.reply(), cursor);
    ++entries;
    if (options.no_acknowledgement) continue;
    const auto pending = read.group.deliver(id, read.consumer, context.now_ms());
    propagate_pending(context, {key, name, read.group}, *pending);
  }
  context.reply().end_array(mark, entries);
  if (options.no_acknowledgement && entries > 0) propagate_group(context, {key, name, read.group});
}

// Entries that are pending for the consumer are delivered to it again.
void deliver_again(Context& context, const ReadOptions& options, const GroupRead& read, ds::StreamId begin) {
  begin.increment();
  resp::Reply& reply = context.reply();
  const auto mark = reply.defer();
  size_t entries = 0;
  for (auto own = read.consumer.pending.at_or_after(begin); own; own = own.next()) {
    if (options.count != 0 && entries == options.count) break;
    ++entries;
    StreamCursor cursor(read.stream, own->id, own->id);
    if (cursor.next()) {
      reply_stream_entry(reply, cursor);
      const auto pending = read.group.pending().find(own->id);
      read.group.redeliver(pending, context.now_ms(), store::one_more(read.group.deliveries(*pending)));
    } else {
      reply.array(2);
      reply_stream_id(reply, own->id);
      reply.null_array();
    }
  }
  reply.end_array(mark, entries);
}

bool has_new_entries(const Stream& stream, const ds::StreamId& after) {
  return stream.length() != 0 && stream.last_live_id() > after;
}

void read_of_group(Context& context, const ReadOptions& options, std::vector<Source>& sources, StreamsReply& reply) {
  const std::string_view group_name = context[options.group_argument];
  const std::string_view consumer_name = context[options.group_argument + 1];
  for (size_t i = 0; i < sources.size(); ++i) {
    const size_t key = options.first_key + i;
    const store::Entry* const entry = context.read(context.key(key));
    Stream& stream = stream_of(*entry);
    ConsumerGroup& group = *sources[i].group;
    const bool is_served = !sources[i].new_entries || has_new_entries(stream, group.last_id);
    Consumer* consumer = group.find_consumer(consumer_name);
    if (!consumer) {
      consumer = &create_consumer(context, context[key], group, consumer_name);
      if (options.no_acknowledgement) {
        context.propagate_as({"XGROUP", "CREATECONSUMER", context[key], group_name, consumer_name});
      }
    }
    consumer->seen_ms = context.now_ms();
    if (!is_served) continue;
    reply.begin_stream(context[key]);
    const GroupRead read{key, stream, group, *consumer};
    if (sources[i].new_entries) {
      deliver_new(context, options, read);
    } else {
      deliver_again(context, options, read, sources[i].after);
    }
    context.add_dirty(1);
  }
}

void read_streams(Context& context, const ReadOptions& options, const std::vector<Source>& sources,
                  StreamsReply& reply) {
  for (size_t i = 0; i < sources.size(); ++i) {
    const size_t key = options.first_key + i;
    const store::Entry* const entry = context.read(context.key(key));
    if (!entry || !has_new_entries(stream_of(*entry), sources[i].after)) continue;
    reply.begin_stream(context[key]);
    read_entries(context, stream_of(*entry), sources[i].after, options.count);
  }
}

// --- waiting ---

void wait_for_entries(Context& context, const ReadOptions& options, const std::vector<Source>& sources) {
  const session::Wait wait{.type = store::Type::stream,
                           .deadline_ms = *options.deadline_ms,
                           .timeout_reply = session::Wait::Reply::null_array,
                           .also_when_deleted = options.of_group};
  if (!context.wait(context.arguments().subspan(options.first_key, options.streams), wait)) {
    return context.reply().null_array();
  }
  std::string& note = context.client().waiting->note;
  if (!note.empty() || options.of_group) return;
  for (const Source& source : sources) note.append(reinterpret_cast<const char*>(&source.after), sizeof source.after);
}

void read(Context& context, bool of_group) {
  context.propagate_nothing();
  ReadOptions options;
  options.of_group = of_group;
  std::vector<Source> sources;
  if (!parse_options(context, &options) || !find_sources(context, options, &sources)) return;
  StreamsReply reply(context.reply());
  if (of_group) {
    read_of_group(context, options, sources, reply);
  } else {
    read_streams(context, options, sources, reply);
  }
  if (reply.end()) return;
  if (options.deadline_ms) return wait_for_entries(context, options, sources);
  context.reply().null_array();
}

void xread(Context& context) { read(context, false); }
void xreadgroup(Context& context) { read(context, true); }

constexpr session::CommandRow rows[] = {
    {.name = "xread",
     .handler = xread,
     .arity = -4,
     .flags = "readonly blocking movablekeys",
     .keys = "RO ACCESS @STREAMS:1 range -1 1 2",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "For each stream mentioned: O(N) with N being the number of elements returned.",
     .summary = "Returns the entries of several streams that come after given ids, and waits for some if need be.",
     .arguments = "[COUNT count:integer] [BLOCK milliseconds:integer] streams=(STREAMS key:key... id...)"},
    {.name = "xreadgroup",
     .handler = xreadgroup,
     .arity = -7,
     .flags = "write blocking movablekeys",
     .keys = "RO ACCESS @STREAMS:4 range -1 1 2",
     .acl = "stream",
     .group = "stream",
     .since = "5.0.0",
     .complexity = "For each stream mentioned: O(M) with M being the number of elements returned; O(1) for a constant "
                   "number of them. When it waits, XADD pays O(N) to serve the N clients that wait for the stream.",
     .summary = "Returns entries of several streams for a consumer of a group, new ones or those pending for it, and "
                "waits for some if need be.",
     .arguments = "group-block=(GROUP group consumer) [COUNT count:integer] [BLOCK milliseconds:integer] [NOACK] "
                  "streams=(STREAMS key:key... id...)"},
};

}  // namespace

std::span<const session::CommandRow> stream_read_rows() { return rows; }

}  // namespace torc::cmd
