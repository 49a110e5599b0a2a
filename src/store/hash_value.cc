// The forms of hashes and when one becomes another.
#include "store/hash_value.h"

#include <algorithm>
#include <memory>

#include "base/assert.h"

namespace torc::store {

namespace {

// "listpack" is what OBJECT ENCODING calls it.
LooseHome empty_pairs() {
  char block[ds::PackedPairs::empty_bytes];
  ds::PackedPairs::make_empty(block);
  return {Type::hash, Encoding::listpack, std::string_view(block, sizeof block)};
}

// Makes room in the block, or takes it away; returns where the pair of the edit is to be written.
template <class Home>
char* carry_out(Home& home, const ds::PackedPairs::Edit& edit) {
  const size_t before = home.block().size(), after = before - edit.removed + edit.inserted;
  ds::PackedPairs::carry_out(home.resize(std::max(before, after)), before, edit);
  return home.resize(after) + edit.begin;
}

}  // namespace

// --- reading ---

HashView::HashView(const Entry& entry, int64_t now_ms) noexcept : encoding_(entry.encoding()), now_ms_(now_ms) {
  TORC_ASSERT(entry.type() == Type::hash);
  if (entry.is_object()) {
    object_ = static_cast<const HashObject*>(entry.object());
  } else {
    block_ = entry.packed();
  }
}

uint64_t HashView::size() const noexcept {
  if (!object_) return pairs().size();
  return object_->size() - (object_->deadlines() ? object_->deadlines()->overdue(now_ms_) : 0);
}

std::optional<HashView::Value> HashView::find(std::string_view field) const noexcept {
  if (object_) {
    const auto value = object_->find(field);
    if (!value || !shows(field)) return std::nullopt;
    return Value{.text = *value};
  }
  const auto position = pairs().find(field);
  if (position == 0) return std::nullopt;
  return Value{.text = pairs().at(position).value};
}

std::string listpack_of(const HashView& hash) {
  ds::ListpackBuilder list;
  hash.for_each([&list](std::string_view field, std::string_view value) {
    list.append(field);
    list.append(value);
  });
  return list.block();
}

// --- changing ---

template <class Home>
uint64_t HashChange<Home>::size() const noexcept {
  return is_packed() ? ds::PackedPairs(home_.block()).size() : object().size();
}

template <class Home>
void HashChange<Home>::expect(std::span<const std::string_view> fields_and_values) {
  if (!is_packed() && !object().is_small()) return;
  bool fits = fields_and_values.size() / 2 <= static_cast<size_t>(rules_.limits->hash_listpack_entries);
  size_t bytes = is_packed() ? home_.block().size() : 0;
  for (size_t i = 0; fits && i < fields_and_values.size(); ++i) {
    bytes += fields_and_values[i].size();
    fits = short_enough(fields_and_values[i]);
  }
  if (!fits || bytes > ds::PackedPairs::bytes_max) become_object().set_small(false);
}

template <class Home>
bool HashChange<Home>::set(std::string_view field, std::string_view value) {
  if (is_packed() && !(short_enough(field) && short_enough(value))) become_object();
  return is_packed() ? set_in_pairs(field, value) : set_in_object(field, value);
}

template <class Home>
bool HashChange<Home>::set_in_object(std::string_view field, std::string_view value) {
  HashObject& hash = object();
  const bool is_new = hash.set(field, value);
  if (hash.is_small()) {
    const bool few = hash.size() <= static_cast<size_t>(rules_.limits->hash_listpack_entries);
    hash.set_small(few && short_enough(field) && short_enough(value));
  }
  return is_new;
}

template <class Home>
bool HashChange<Home>::set_in_pairs(std::string_view field, std::string_view value) {
  const ds::PackedPairs pairs(home_.block());
  if (home_.block().size() + field.size() + value.size() > ds::PackedPairs::bytes_max) {
    return become_object().set(field, value);
  }
  const auto position = pairs.find(field);
  const auto edit = position != 0 ? pairs.set_value(position, value) : pairs.append(field, value);
  ds::PackedPairs::write(carry_out(home_, edit), field, value);
  if (size() > static_cast<size_t>(rules_.limits->hash_listpack_entries)) become_object();
  return position == 0;
}

template <class Home>
bool HashChange<Home>::remove(std::string_view field) {
  if (!is_packed()) return object().remove(field);
  const ds::PackedPairs pairs(home_.block());
  const auto position = pairs.find(field);
  if (position == 0) return false;
  carry_out(home_, pairs.erase(position));
  return true;
}

template <class Home>
HashObject& HashChange<Home>::become_object() {
  if (!is_packed()) return object();
  auto made = std::make_unique<HashObject>(rules_.hash_key);
  ds::PackedPairs(home_.block()).for_each([&made](std::string_view field, std::string_view value) {
    made->set(field, value);
  });
  home_.become(Type::hash, Encoding::hashtable, std::move(made));
  return object();
}

template <class Home>
HashObject& HashChange<Home>::with_deadlines() {
  if (is_packed()) become_object().set_small(true);
  return object();
}

template class HashChange<EntryHome>;
template class HashChange<LooseHome>;

HashBuilder::HashBuilder(const ValueRules& rules) : HashChange(rules, empty_pairs()) {}

}  // namespace torc::store
