// Hashes, whatever form they have: packed pairs (ds/packed_pairs.h) while they are few and short, a HashObject
// beyond that or when fields expire. HashView reads one and does not see overdue fields; HashEditor changes the hash
// under a key, HashBuilder one that has no key yet, both by the same rules. A hash never goes back to a smaller form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ds/listpack.h"
#include "ds/packed_pairs.h"
#include "store/hash_object.h"
#include "store/value_home.h"

namespace torc::store {

class HashView {
 public:
  using Value = ds::Listpack::Element;
  static constexpr int64_t before_all_deadlines = 0;  // a time at which no field is overdue

  // A hash's entry as it is at that time; good until the next change of the database.
  HashView(const Entry& entry, int64_t now_ms) noexcept;

  [[nodiscard]] Encoding encoding() const noexcept { return encoding_; }
  [[nodiscard]] uint64_t size() const noexcept;
  [[nodiscard]] std::optional<Value> find(std::string_view field) const noexcept;
  // Null unless it is an object; it has overdue fields, too.
  [[nodiscard]] const HashObject* object() const noexcept { return object_; }
  [[nodiscard]] ds::PackedPairs pairs() const noexcept { return ds::PackedPairs(block_); }  // of a packed hash
  // Whether a field of object() is to be seen.
  [[nodiscard]] bool shows(std::string_view field) const noexcept { return !object_->overdue(field, now_ms_); }
  // Whether there are fields that are not to be seen.
  [[nodiscard]] bool hides() const noexcept {
    return object_ && object_->deadlines() && object_->deadlines()->overdue(now_ms_) != 0;
  }

  // Calls visit(std::string_view field, std::string_view value) for all fields; the texts are good during the call.
  template <class Visit>
  void for_each(Visit&& visit) const {
    object_ ? for_each_of_object(visit) : ds::PackedPairs(block_).for_each(visit);
  }

 private:
  template <class Visit>
  void for_each_of_object(Visit& visit) const {
    const bool hiding = hides();
    object_->table().for_each([&](const ds::PackedTable::Item& item) {
      if (!hiding || shows(item.key)) visit(item.key, item.value);
    });
  }

  Encoding encoding_;
  std::string_view block_;
  const HashObject* object_ = nullptr;
  int64_t now_ms_;
};

// The listpack of fields and values that Redis has for such a hash: what files carry.
[[nodiscard]] std::string listpack_of(const HashView& hash);

// How a hash changes; Home is one of those in value_home.h. What arguments point to must not lie in the hash. Overdue
// fields count as there.
template <class Home>
class HashChange {
 public:
  HashChange(const ValueRules& rules, Home home) : rules_(rules), home_(std::move(home)) {}

  // These fields and values, in turn, are about to be set.
  void expect(std::span<const std::string_view> fields_and_values);
  // True when the field is new. A deadline stays.
  bool set(std::string_view field, std::string_view value);
  // False when there is no such field. The last one leaves an empty hash.
  bool remove(std::string_view field);
  // The hash becomes an object, if it is none, so that fields can have deadlines.
  HashObject& with_deadlines();
  [[nodiscard]] Home& home() noexcept { return home_; }
  [[nodiscard]] const Home& home() const noexcept { return home_; }
  [[nodiscard]] uint64_t size() const noexcept;

 private:
  [[nodiscard]] bool is_packed() const noexcept { return home_.encoding() == Encoding::listpack; }
  [[nodiscard]] HashObject& object() const noexcept { return *static_cast<HashObject*>(home_.object()); }
  bool set_in_pairs(std::string_view field, std::string_view value);
  bool set_in_object(std::string_view field, std::string_view value);
  [[nodiscard]] bool short_enough(std::string_view text) const noexcept {
    return text.size() <= rules_.limits->hash_listpack_value_bytes;
  }
  HashObject& become_object();

  ValueRules rules_;
  Home home_;
};

class HashEditor : public HashChange<EntryHome> {
 public:
  HashEditor(const ValueRules& rules, Database* database, const KeyRef& key, Entry* entry)
      : HashChange(rules, EntryHome(database, key, entry)) {}
};

class HashBuilder : public HashChange<LooseHome> {
 public:
  // Empty.
  explicit HashBuilder(const ValueRules& rules);
  // Gives the hash to the key, in place of what old (may be null) holds.
  Entry* move_to(Database& database, const KeyRef& key, Entry* old) && {
    return std::move(home()).move_to(database, key, old);
  }
};

}  // namespace torc::store
