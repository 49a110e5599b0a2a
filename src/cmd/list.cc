// What the files of the list family share. Events, their order, and how many changes a command counts as are Redis's.
#include "cmd/list.h"

#include <vector>

#include "cmd/list_parts.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

using session::CommandRow;
using session::Context;
using store::Entry;
using store::KeyRef;

std::optional<ListEnd> list_end_argument(const Context& context, size_t i) {
  if (session::equals_lower(context[i], "left")) return ListEnd::left;
  if (session::equals_lower(context[i], "right")) return ListEnd::right;
  context.fail(session::errors::syntax);
  return std::nullopt;
}

store::ListKey list_key(Context& context, const KeyRef& key) {
  const session::SessionOptions& options = context.session().options();
  return {&context.database(), key, &options.encodings, options.debug.packed_bytes_max};
}

bool find_list(Context& context, const KeyRef& key, Entry** entry) {
  *entry = context.write(key);
  return context.require_type(*entry, store::Type::list);
}

bool read_list(Context& context, const KeyRef& key, const Entry** entry) {
  *entry = context.read(key);
  return context.require_type(*entry, store::Type::list);
}

void reply_element(Context& context, const store::ListElement& element) {
  element.is_integer ? context.reply().bulk_integer(element.integer) : context.reply().bulk(element.text);
}

void reply_elements(Context& context, const Entry& entry, uint64_t begin, uint64_t count, bool backwards) {
  context.reply().array(count);
  if (count == 0) return;
  store::ListWalker walker(entry, backwards ? begin + count - 1 : begin, !backwards);
  for (; count > 0; --count, walker.step()) reply_element(context, *walker.get());
}

Entry* push_to_list(Context& context, const KeyRef& key, Entry* entry, std::span<const std::string_view> texts,
                    uint64_t text_bytes, ListEnd end) {
  const store::ListKey at = list_key(context, key);
  if (!entry) {
    entry = store::list_make(at);
    context.added(key.bytes);
  }
  entry = store::list_prepare(at, entry, text_bytes, texts.size());
  entry = store::list_push(at, entry, texts, end == ListEnd::left);
  context.touched(key.bytes);
  context.notify(session::event_list, end == ListEnd::left ? "lpush" : "rpush", key.bytes);
  return entry;
}

void finish_removal(Context& context, const KeyRef& key, Entry* entry, uint64_t left, std::string_view event,
                    uint64_t changes) {
  context.notify(session::event_list, event, key.bytes);
  if (left == 0) {
    context.database().erase(key, entry);
    context.notify(session::event_generic, "del", key.bytes);
  } else {
    store::list_shrink(list_key(context, key), entry);
  }
  context.touched(key.bytes);
  context.add_dirty(static_cast<int64_t>(changes));
}

void pop_from_list(Context& context, const KeyRef& key, Entry* entry, ListEnd end, uint64_t count) {
  const uint64_t size = store::list_size(*entry);
  if (count < size) {
    entry = store::list_erase(list_key(context, key), entry, end == ListEnd::left ? 0 : size - count, count);
  }
  finish_removal(context, key, entry, size - count, end == ListEnd::left ? "lpop" : "rpop", count);
}

std::span<const CommandRow> list_rows() {
  static const std::vector<CommandRow> rows = [] {
    std::vector<CommandRow> all;
    for (auto part : {list_push_rows(), list_read_rows(), list_change_rows(), list_pop_rows(), list_move_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

}  // namespace torc::cmd
