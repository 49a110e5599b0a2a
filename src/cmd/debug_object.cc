// DEBUG OBJECT: one line about how a value is stored, in the form that tools parse.
#include <fmt/format.h>

#include "base/assert.h"
#include "base/compression.h"
#include "base/parse_number.h"
#include "cmd/debug_parts.h"
#include "cmd/object_facts.h"
#include "cmd/stream_parts.h"
#include "session/context.h"
#include "session/session.h"
#include "store/access.h"
#include "store/hash_value.h"
#include "store/list_value.h"
#include "store/set_value.h"
#include "store/zset_view.h"

namespace torc::cmd {

namespace {

using session::Context;

// What an RDB file's length field takes.
size_t length_bytes(uint64_t length) {
  if (length < 1 << 6) return 1;
  if (length < 1 << 14) return 2;
  return length <= UINT32_MAX ? 5 : 9;
}

// 0: the number is not written in binary.
size_t packed_integer_bytes(int64_t value) {
  if (value >= INT8_MIN && value <= INT8_MAX) return 2;
  if (value >= INT16_MIN && value <= INT16_MAX) return 3;
  return value >= INT32_MIN && value <= INT32_MAX ? 5 : 0;
}

size_t text_bytes(std::string_view text, bool compressed) {
  constexpr size_t packed_digits_max = 11;
  constexpr size_t compressed_bytes_min = 21;
  if (text.size() <= packed_digits_max) {
    const auto value = base::parse_integer(text);
    const size_t packed = value ? packed_integer_bytes(*value) : 0;
    if (packed) return packed;
  }
  if (compressed && text.size() >= compressed_bytes_min) {
    const size_t shorter = base::lzf_compress(text).size();
    if (shorter != 0) return 1 + length_bytes(shorter) + length_bytes(text.size()) + shorter;
  }
  return length_bytes(text.size()) + text.size();
}

// Members with their scores in binary.
size_t zset_bytes(const store::ZsetView& view, bool compressed) {
  size_t bytes = length_bytes(view.size());
  for (store::ZsetCursor cursor = view.at(0); cursor; cursor.next()) {
    bytes += text_bytes(cursor.member(), compressed) + sizeof(double);
  }
  return bytes;
}

size_t set_bytes(const store::SetView& set, bool compressed) {
  size_t bytes = length_bytes(set.size());
  set.for_each([&](const store::SetMember& member) { bytes += text_bytes(member.text(), compressed); });
  return bytes;
}

size_t hash_bytes(const store::HashView& hash, bool compressed) {
  size_t bytes = length_bytes(hash.size());
  hash.for_each([&](std::string_view field, std::string_view value) {
    bytes += text_bytes(field, compressed) + text_bytes(value, compressed);
  });
  return bytes;
}

// Nodes, each with a byte that says what it is; compressed ones as they are.
size_t list_bytes(const ds::Quicklist& list, bool compressed) {
  size_t bytes = length_bytes(list.nodes());
  for (const ds::QuicklistNode* node = list.first_node(); node; node = node->next) {
    if (node->compressed()) {
      bytes += 2 + length_bytes(node->stored_bytes()) + length_bytes(node->bytes()) + node->stored_bytes();
    } else {
      bytes += 1 + text_bytes(node->contents(), compressed);
    }
  }
  return bytes;
}

// What DEBUG OBJECT tells beyond other encodings.
std::string quicklist_figures(const ds::Quicklist& list) {
  uint64_t bytes = 0;
  for (const ds::QuicklistNode* node = list.first_node(); node; node = node->next) bytes += node->bytes();
  const double average = static_cast<double>(list.size()) / static_cast<double>(list.nodes());
  return fmt::format(" ql_nodes:{} ql_avg_node:{:.2f} ql_listpack_max:{} ql_compressed:{} ql_uncompressed_size:{}",
                     list.nodes(), average, list.limit_size(), list.depth() != 0 ? 1 : 0, bytes);
}

constexpr size_t time_bytes = 8, id_bytes = 16;

size_t id_lengths(const ds::StreamId& id) { return length_bytes(id.ms) + length_bytes(id.sequence); }

size_t group_bytes(std::string_view name, const store::ConsumerGroup& group, bool compressed) {
  size_t bytes = text_bytes(name, compressed) + id_lengths(group.last_id) +
                 length_bytes(static_cast<uint64_t>(group.entries_read)) + length_bytes(group.pending().size());
  for (auto entry = group.pending().first(); entry; entry = entry.next()) {
    bytes += id_bytes + time_bytes + length_bytes(static_cast<uint64_t>(group.deliveries(*entry)));
  }
  bytes += length_bytes(group.consumers().size());
  for (const auto& [consumer_name, consumer] : group.consumers()) {
    const uint64_t pending = consumer.pending.size();
    bytes += text_bytes(consumer_name, compressed) + 2 * time_bytes + length_bytes(pending) + pending * id_bytes;
  }
  return bytes;
}

size_t stream_bytes(const store::Stream& stream, bool compressed) {
  size_t bytes = length_bytes(stream.nodes().size());
  for (auto node = stream.nodes().first(); node; node = node.next()) {
    const size_t block_bytes = ds::Listpack(node->block).bytes();
    bytes += length_bytes(id_bytes) + id_bytes + text_bytes({node->block, block_bytes}, compressed);
  }
  bytes += length_bytes(stream.length()) + id_lengths(stream.last_id) + id_lengths(stream.first_id()) +
           id_lengths(stream.max_deleted_id) + length_bytes(stream.entries_added) +
           length_bytes(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) bytes += group_bytes(name, group, compressed);
  return bytes;
}

}  // namespace

size_t serialized_bytes(const store::Entry& entry, bool compressed) {
  if (entry.type() == store::Type::string) {
    store::IntegerScratch scratch;
    return text_bytes(entry.string(scratch), compressed);
  }
  if (!entry.is_object() && entry.type() == store::Type::hash) {
    return text_bytes(store::listpack_of({entry, store::HashView::before_all_deadlines}), compressed);
  }
  if (!entry.is_object()) {
    // A list is a quicklist of one node there: how many nodes, and what kind this is.
    const size_t list_head_bytes = entry.type() == store::Type::list ? 2 : 0;
    return list_head_bytes + text_bytes(entry.packed(), compressed);
  }
  switch (entry.type()) {
    case store::Type::list:
      return list_bytes(store::quicklist_of(entry), compressed);
    case store::Type::set:
      return set_bytes(store::SetView(entry), compressed);
    case store::Type::hash:
      return hash_bytes({entry, store::HashView::before_all_deadlines}, compressed);
    case store::Type::zset:
      return zset_bytes(store::ZsetView(entry), compressed);
    case store::Type::stream:
      return stream_bytes(stream_of(entry), compressed);
    default:
      TORC_PANIC("a further type brings its rule with it");
  }
}

// Works on overdue keys too, and changes nothing.
void debug_object(Context& context) {
  const store::Entry* entry = context.database().find(context.key(2));
  if (!entry) {
    context.fail(session::errors::no_such_key);
    return;
  }
  const size_t serialized = serialized_bytes(*entry, context.session().options().compresses_values);
  const int64_t references = reference_count(*entry, context.session().eviction().shares_integers());
  const bool is_quicklist = entry->encoding() == store::Encoding::quicklist;
  context.reply().status(
      fmt::format("Value at:{} refcount:{} encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}{}",
                  static_cast<const void*>(entry), references, encoding_name_of(*entry), serialized, entry->access(),
                  store::idle_seconds(entry->access(), context.now_ms()),
                  is_quicklist ? quicklist_figures(store::quicklist_of(*entry)) : ""));
}

}  // namespace torc::cmd
