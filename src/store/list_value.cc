// Two forms, told apart by the entry. What is done to a listpack is planned, and carried out by the database, which
// owns the block.
#include "store/list_value.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "store/list_object.h"

namespace torc::store {

namespace {

using ds::Listpack;
using ds::ListpackItem;
using ds::ListpackLimit;

Listpack listpack_of(const Entry& entry) noexcept { return Listpack(entry.packed().data()); }

// Carries out a plan that brings in one element.
Entry* splice_in(const ListKey& at, Entry* entry, const ds::ListpackEdit& edit, const ListpackItem& item) {
  const Database::Spliced spliced = at.database->splice(at.key, entry, edit);
  item.write(spliced.gap);
  return spliced.entry;
}

Entry* splice_out(const ListKey& at, Entry* entry, const ds::ListpackEdit& edit) {
  return at.database->splice(at.key, entry, edit).entry;
}

Entry* pack(Database& database, const KeyRef& key, Entry* old, const ds::Quicklist& list) {
  const std::string block(list.first_node()->contents());  // the list goes before the block is copied
  return database.set_packed(key, old, Type::list, Encoding::listpack, block);
}

// Whether the list could be one listpack that is within the limit, or within half of it.
bool fits_one(const ds::Quicklist& list, const EncodingLimits& limits, uint64_t part) {
  if (list.nodes() != 1 || list.first_node()->plain()) return false;
  return ListpackLimit(limits.list_listpack_size).holds(list.first_node()->bytes(), list.size(), part);
}

}  // namespace

ds::Quicklist& quicklist_of(const Entry& entry) noexcept {
  TORC_ASSERT(entry.type() == Type::list);
  return static_cast<ListObject*>(entry.object())->list;
}

uint64_t list_size(const Entry& entry) noexcept {
  return entry.is_object() ? quicklist_of(entry).size() : listpack_of(entry).size();
}

// --- walking ---

ListWalker::ListWalker(const Entry& entry, uint64_t index, bool forward) : forward_(forward) {
  if (entry.is_object()) {
    quick_.emplace(quicklist_of(entry), index, forward);
    return;
  }
  block_ = entry.packed().data();
  position_ = Listpack(block_).at(static_cast<int64_t>(index));
  following_ = Listpack(block_).read(position_, &element_);
}

void ListWalker::step() {
  if (quick_) return quick_->step();
  const Listpack listpack(block_);
  position_ = forward_ ? following_ : listpack.previous(position_);
  if (position_ != 0) following_ = listpack.read(position_, &element_);
}

// --- the form ---

Entry* list_make(const ListKey& at) {
  char block[Listpack::empty_bytes];
  Listpack::make_empty(block);
  return at.database->set_packed(at.key, nullptr, Type::list, Encoding::listpack, {block, sizeof block});
}

Entry* list_prepare(const ListKey& at, Entry* entry, uint64_t bytes, uint64_t elements) {
  if (entry->is_object()) return entry;
  const Listpack listpack = listpack_of(*entry);
  const ListpackLimit limit(at.limits->list_listpack_size);
  if (!limit.exceeded(listpack.bytes() + bytes, listpack.size() + elements)) return entry;
  ds::Quicklist list(at.limits->list_listpack_size, at.limits->list_compress_depth);
  if (!listpack.empty()) list.append(entry->packed());
  return at.database->set_object(at.key, entry, Type::list, Encoding::quicklist,
                                 std::make_unique<ListObject>(std::move(list)));
}

Entry* list_shrink(const ListKey& at, Entry* entry) {
  if (!entry->is_object() || !fits_one(quicklist_of(*entry), *at.limits, 2)) return entry;
  return pack(*at.database, at.key, entry, quicklist_of(*entry));
}

Entry* ListBuilder::store(Database& database, const KeyRef& key, Entry* old) {
  if (fits_one(list_, *limits_, 1)) return pack(database, key, old, list_);
  return database.set_object(key, old, Type::list, Encoding::quicklist,
                             std::make_unique<ListObject>(std::move(list_)));
}

// --- changes ---

Entry* list_push(const ListKey& at, Entry* entry, std::span<const std::string_view> texts, bool at_front) {
  if (entry->is_object()) {
    ds::Quicklist& list = quicklist_of(*entry);
    for (const std::string_view text : texts) list.push(text, at_front, at.plain_bytes_min);
    return entry;
  }
  const Listpack listpack = listpack_of(*entry);
  size_t bytes = 0;
  for (const std::string_view text : texts) bytes += ListpackItem(text).bytes();
  const auto edit = listpack.insert(at_front ? listpack.first() : 0, bytes, static_cast<int32_t>(texts.size()));
  Database::Spliced spliced = at.database->splice(at.key, entry, edit);
  for (size_t i = 0; i < texts.size(); ++i) {
    spliced.gap = ListpackItem(texts[at_front ? texts.size() - 1 - i : i]).write(spliced.gap);
  }
  return spliced.entry;
}

Entry* list_insert(const ListKey& at, Entry* entry, const ListWalker& where, std::string_view text, bool after) {
  if (entry->is_object()) {
    quicklist_of(*entry).insert(*where.quick_, text, after, at.plain_bytes_min);
    return entry;
  }
  const Listpack listpack = listpack_of(*entry);
  const ListpackItem item(text);
  const auto position = after ? listpack.next(where.position_) : where.position_;
  return splice_in(at, entry, listpack.insert(position, item.bytes()), item);
}

Entry* list_set(const ListKey& at, Entry* entry, uint64_t index, std::string_view text) {
  if (entry->is_object()) {
    quicklist_of(*entry).replace(index, text, at.plain_bytes_min);
    return entry;
  }
  const Listpack listpack = listpack_of(*entry);
  const ListpackItem item(text);
  return splice_in(at, entry, listpack.replace(listpack.at(static_cast<int64_t>(index)), item.bytes()), item);
}

// What most removals are: an element at an end, in a node that costs little to free.
static bool pop_one(ds::Quicklist& list, uint64_t begin, uint64_t count) {
  constexpr uint64_t cheap_bytes = 64 << 10;
  const bool at_front = begin == 0;
  if (count != 1 || (!at_front && begin + 1 != list.size())) return false;
  if ((at_front ? list.first_node() : list.last_node())->bytes() > cheap_bytes) return false;
  list.pop(at_front);
  return true;
}

Entry* list_erase(const ListKey& at, Entry* entry, uint64_t begin, uint64_t count) {
  if (count == 0) return entry;
  if (entry->is_object() && pop_one(quicklist_of(*entry), begin, count)) return entry;
  if (entry->is_object()) {
    ds::Quicklist gone = quicklist_of(*entry).erase(begin, count);
    if (gone.nodes() != 0) at.database->let_go(std::make_unique<ListObject>(std::move(gone)));
    return entry;
  }
  const Listpack listpack = listpack_of(*entry);
  const auto position = listpack.at(static_cast<int64_t>(begin));
  return splice_out(at, entry, listpack.erase(position, static_cast<uint32_t>(count)));
}

ListRemoved list_remove(const ListKey& at, Entry* entry, const ListpackItem& item, uint64_t most, bool from_back) {
  if (entry->is_object()) return {entry, quicklist_of(*entry).remove(item, most, from_back)};
  const auto found = listpack_of(*entry).places_of(item, most, from_back);
  // From behind, so that those before stay where they are.
  for (const Listpack::Position place : found) entry = splice_out(at, entry, listpack_of(*entry).erase(place));
  return {entry, found.size()};
}

}  // namespace torc::store
