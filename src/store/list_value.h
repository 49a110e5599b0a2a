// Lists as values of keys: a listpack in the entry ("listpack") until it would exceed list-max-listpack-size, a
// quicklist from then on, and a listpack again when a single node is left that half of the limit holds. When exactly a
// list changes its form is Redis's rule, quirks included: it is decided before elements are added, by the bytes of
// their texts, and even if nothing is added then.
//
// Functions that change a list return its entry, which may have moved; walkers and views are dead then. An entry may
// be left empty: whoever removed the last element erases the key.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ds/quicklist.h"
#include "store/database.h"
#include "store/encoding_limits.h"

namespace torc::store {

// A key that holds a list, and the settings.
struct ListKey {
  Database* database;
  KeyRef key;
  const EncodingLimits* limits;
  uint64_t plain_bytes_min;  // elements of a quicklist of this size stand alone
};

using ListElement = ds::Listpack::Element;

[[nodiscard]] uint64_t list_size(const Entry& entry) noexcept;
// Of a list that is a quicklist.
[[nodiscard]] ds::Quicklist& quicklist_of(const Entry& entry) noexcept;

// Goes through the elements of a list from one of them on.
class ListWalker {
 public:
  // index < list_size(), from the first one.
  ListWalker(const Entry& entry, uint64_t index, bool forward);
  // Null behind the last one.
  [[nodiscard]] const ListElement* get() const noexcept {
    return quick_ ? quick_->get() : position_ != 0 ? &element_ : nullptr;
  }
  void step();
  [[nodiscard]] bool equals(const ds::ListpackItem& item) const noexcept {
    return quick_ ? quick_->equals(item) : ds::Listpack::equal(element_, item);
  }

 private:
  friend Entry* list_insert(const ListKey&, Entry*, const ListWalker&, std::string_view, bool);
  std::optional<ds::Quicklist::Walker> quick_;
  const char* block_ = nullptr;
  ds::Listpack::Position position_ = 0, following_ = 0;
  bool forward_;
  ListElement element_;
};

// An empty list under a key that does not exist.
Entry* list_make(const ListKey& at);
// Before elements are added: `bytes` of texts, `elements` of them.
Entry* list_prepare(const ListKey& at, Entry* entry, uint64_t bytes, uint64_t elements);
// After elements were removed.
Entry* list_shrink(const ListKey& at, Entry* entry);

// Adds the texts one after the other (so the last is the first of the list if at_front); without list_prepare().
Entry* list_push(const ListKey& at, Entry* entry, std::span<const std::string_view> texts, bool at_front);
// Next to the element where the walker is; without list_prepare().
Entry* list_insert(const ListKey& at, Entry* entry, const ListWalker& where, std::string_view text, bool after);
// index < list_size(); without list_prepare().
Entry* list_set(const ListKey& at, Entry* entry, uint64_t index, std::string_view text);
// [begin, begin + count), which are there; without list_shrink().
Entry* list_erase(const ListKey& at, Entry* entry, uint64_t begin, uint64_t count);
// Up to `most` elements that equal the item (0: all of them) from the front or the back on; without list_shrink().
struct ListRemoved {
  Entry* entry;
  uint64_t count;
};
ListRemoved list_remove(const ListKey& at, Entry* entry, const ds::ListpackItem& item, uint64_t most, bool from_back);

// A list made at once, of any number of elements.
class ListBuilder {
 public:
  ListBuilder(const EncodingLimits* limits, uint64_t plain_bytes_min) noexcept
      : limits_(limits),
        plain_bytes_min_(plain_bytes_min),
        list_(limits->list_listpack_size, limits->list_compress_depth) {}
  void append(std::string_view text) { list_.push(text, false, plain_bytes_min_); }
  [[nodiscard]] uint64_t size() const noexcept { return list_.size(); }
  // Sets the key to the list, which must not be empty; old as for Database::set_object.
  Entry* store(Database& database, const KeyRef& key, Entry* old);

 private:
  const EncodingLimits* limits_;
  uint64_t plain_bytes_min_;
  ds::Quicklist list_;
};

}  // namespace torc::store
