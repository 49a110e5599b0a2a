// DEBUG's looks into how a value is made, and into what the server is made of.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "base/memory.h"
#include "base/random.h"
#include "cmd/debug_parts.h"
#include "ds/glob.h"
#include "ds/listpack.h"
#include "session/context.h"
#include "session/session.h"
#include "store/hash_object.h"
#include "store/hash_value.h"
#include "store/list_value.h"
#include "store/set_object.h"
#include "store/table_text.h"
#include "store/zset_view.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Encoding;

// The entry, overdue or not; null: the error was replied.
const store::Entry* look_up(Context& context) {
  const store::Entry* entry = context.database().find(context.key(2));
  if (!entry) context.fail(session::errors::no_such_key);
  return entry;
}

// Random text of few different characters, so that patterns and texts meet.
std::string random_text(base::Random& random, std::string_view characters, size_t size_max) {
  std::string text(random.below(size_max + 1), ' ');
  std::ranges::generate(text, [&] { return characters[random.below(characters.size())]; });
  return text;
}

// The table behind a value; null if there is none.
const ds::PackedTable* table_of(const store::Entry& entry) {
  if (!entry.is_object()) return nullptr;
  if (entry.type() == store::Type::set) return &static_cast<const store::SetObject*>(entry.object())->table();
  if (entry.type() == store::Type::hash) return &static_cast<const store::HashObject*>(entry.object())->table();
  return nullptr;
}

}  // namespace

void debug_table_of_key(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  if (entry->encoding() == Encoding::skiplist) {
    return context.reply().verbatim("txt", store::table_text(store::ZsetView(*entry).object().table_statistics()));
  }
  const ds::PackedTable* table = table_of(*entry);
  if (!table) {
    context.fail("ERR The value stored at the specified key is not represented using an hash table");
    return;
  }
  context.reply().verbatim(
      "txt",
      fmt::format("Hash table 0 stats (main hash table):\n table size: {}\n number of elements: {}\n bytes: {}\n",
                  table->chunk_count(), table->size(), table->memory_bytes()));
}

// The elements go to the log, where Redis writes them to its standard output.
void debug_listpack(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  if (entry->encoding() != Encoding::listpack) {
    context.fail("ERR Not a listpack encoded object.");
    return;
  }
  const bool is_hash = entry->type() == store::Type::hash;
  const std::string block = is_hash ? store::listpack_of({*entry, store::HashView::before_all_deadlines})
                                    : std::string(entry->packed());
  const ds::Listpack list(block.data());
  constexpr int notice = 2;
  context.session().log(notice, fmt::format("listpack of {} bytes, {} elements", list.bytes(), list.size()));
  char digits[24];
  for (auto position = list.first(); position != 0; position = list.next(position)) {
    context.session().log(notice, fmt::format("at {}: {}", position, list.get(position).string(digits)));
  }
  context.reply().status("Listpack structure printed on stdout");
}

// A line a node; with a further argument that is no 0, the elements too.
void debug_quicklist(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  if (entry->encoding() != Encoding::quicklist) {
    context.fail("ERR Not a quicklist encoded object.");
    return;
  }
  constexpr int log_level = 2;
  const ds::Quicklist& list = store::quicklist_of(*entry);
  session::Session& session = context.session();
  session.log(log_level, fmt::format("Quicklist of {} elements in {} nodes:", list.size(), list.nodes()));
  for (const ds::QuicklistNode* node = list.first_node(); node; node = node->next) {
    session.log(log_level,
                fmt::format("  {} node of {} elements, {} bytes, {} stored", node->plain() ? "plain" : "packed",
                            node->count(), node->bytes(), node->stored_bytes()));
  }
  const bool full = context.size() == 4 && base::c_integer(context[3]) != 0;
  char digits[24];
  for (store::ListWalker walker(*entry, 0, true); full && walker.get(); walker.step()) {
    session.log(log_level, fmt::format("  {}", walker.get()->string(digits)));
  }
  context.reply().status("Quicklist structure printed on stdout");
}

// Key and value of a string share an allocation unless the value lies in a blob.
void debug_string_sizes(Context& context) {
  const store::Entry* entry = look_up(context);
  if (!entry) return;
  if (entry->type() != store::Type::string || entry->is_integer()) {
    context.fail("ERR Not an sds encoded string.");
    return;
  }
  const size_t block = base::usable_size(entry);
  const size_t value_block = entry->is_blob() ? entry->memory_bytes() - block : block;
  context.reply().status(
      fmt::format("key_sds_len:{}, key_sds_avail:0, key_zmalloc: {}, val_sds_len:{}, val_sds_avail:0, val_zmalloc: {}",
                  entry->key().size(), block, entry->string_size(), value_block));
}

void debug_structure_sizes(Context& context) {
  context.reply().bulk(fmt::format("bits:{} entry:{} blob:{} client:{} command:{} ", sizeof(void*) * 8,
                                   sizeof(store::Entry), sizeof(base::BlobHeader), sizeof(session::Client),
                                   sizeof(session::Command)));
}

void debug_match(Context& context) { context.reply().integer(ds::glob_match(context[2], context[3])); }

// Matches as random patterns and texts as 10 ms allow or so; what would be found is a crash.
void debug_match_test(Context& context) {
  constexpr int rounds = 20'000;
  constexpr std::string_view pattern_characters = "ab*?[]^-\\\xff", text_characters = "ab-]\\\xff";
  base::Random& random = context.session().random();
  for (int i = 0; i < rounds; ++i) {
    const std::string pattern = random_text(random, pattern_characters, 16);
    static_cast<void>(ds::glob_match(pattern, random_text(random, text_characters, 32)));
  }
  context.reply().status("Apparently Redis did not crash: test passed");
}

}  // namespace torc::cmd
