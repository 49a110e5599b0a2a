// The rows of the stream commands, and what several of them need.
#include "cmd/stream.h"

#include <memory>
#include <utility>

#include "base/c_text.h"
#include "cmd/numbers.h"
#include "cmd/stream_parts.h"

namespace torc::cmd {

using base::c_text;
using session::Context;

std::span<const session::CommandRow> stream_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {stream_add_rows(), stream_claim_rows(), stream_delete_rows(), stream_group_rows(),
                      stream_info_rows(), stream_pending_rows(), stream_range_rows(), stream_read_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

store::Stream& make_stream(Context& context, const store::KeyRef& key) {
  auto made = std::make_unique<store::Stream>();
  store::Stream& stream = *made;
  context.database().set_object(key, nullptr, store::Type::stream, store::Encoding::stream, std::move(made));
  context.added(key.bytes);
  return stream;
}

std::optional<ds::StreamId> stream_id_argument(const Context& context, size_t i, uint64_t missing) {
  const auto id = ds::parse_stream_id(context[i], missing);
  if (!id) context.fail(invalid_stream_id);
  return id;
}

std::optional<std::vector<ds::StreamId>> stream_id_arguments(const Context& context, size_t first, size_t end) {
  std::vector<ds::StreamId> ids;
  ids.reserve(end - first);
  for (size_t i = first; i < end; ++i) {
    const auto id = stream_id_argument(context, i);
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

namespace {

struct RangeEnd {
  ds::StreamId id;
  bool exclusive = false;
};

std::optional<RangeEnd> range_argument(const Context& context, size_t i, uint64_t missing) {
  const std::string_view text = context[i];
  if (is_stream_end(text, "-")) return RangeEnd{};
  if (is_stream_end(text, "+")) return RangeEnd{ds::StreamId::max()};
  const bool exclusive = text.size() > 1 && text[0] == '(';
  const auto id = ds::parse_stream_id(text.substr(exclusive ? 1 : 0), missing);
  if (id) return RangeEnd{*id, exclusive};
  context.fail(invalid_stream_id);
  return std::nullopt;
}

}  // namespace

bool is_stream_end(std::string_view text, std::string_view end) noexcept {
  return text.size() <= ds::stream_id_read_bytes_max && c_text(text) == end;
}

std::optional<ds::StreamId> range_start_argument(const Context& context, size_t i) {
  auto start = range_argument(context, i, 0);
  if (!start) return std::nullopt;
  if (!start->exclusive || start->id.increment()) return start->id;
  context.fail("ERR invalid start ID for the interval");
  return std::nullopt;
}

std::optional<ds::StreamId> range_end_argument(const Context& context, size_t i) {
  auto end = range_argument(context, i, UINT64_MAX);
  if (!end) return std::nullopt;
  if (!end->exclusive || end->id.decrement()) return end->id;
  context.fail("ERR invalid end ID for the interval");
  return std::nullopt;
}

namespace {

void reply_element(resp::Reply& reply, const ds::Listpack::Element& element) {
  if (element.is_integer) return reply.bulk_integer(element.integer);
  reply.bulk(element.text);
}

}  // namespace

void reply_stream_entry(resp::Reply& reply, store::StreamCursor& cursor) {
  const uint64_t fields = cursor.entry().fields;
  reply.array(2);
  reply_stream_id(reply, cursor.entry().id);
  reply.array(2 * fields);
  ds::Listpack::Element field, value;
  for (uint64_t i = 0; i < fields; ++i) {
    cursor.next_field(&field, &value);
    reply_element(reply, field);
    reply_element(reply, value);
  }
}

size_t reply_stream_entries(resp::Reply& reply, store::StreamCursor& cursor, uint64_t count) {
  const auto mark = reply.defer();
  size_t entries = 0;
  while ((count == 0 || entries < count) && cursor.next()) {
    reply_stream_entry(reply, cursor);
    ++entries;
  }
  reply.end_array(mark, entries);
  return entries;
}

}  // namespace torc::cmd
