// The forms of hashes and when one becomes another.
#include "store/hash_value.h"

#include <memory>

#include "base/assert.h"

namespace torc::store {

namespace {

LooseHome empty_listpack() {
  char block[ds::Listpack::empty_bytes];
  ds::Listpack::make_empty(block);
  return {Type::hash, Encoding::listpack, std::string_view(block, sizeof block)};
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
  if (!object_) return ds::Listpack(block_.data()).size() / 2;
  return object_->size() - (object_->deadlines() ? object_->deadlines()->overdue(now_ms_) : 0);
}

std::optional<HashView::Value> HashView::find(std::string_view field) const noexcept {
  if (object_) {
    const auto value = object_->find(field);
    if (!value || !shows(field)) return std::nullopt;
    return Value{.text = *value};
  }
  const ds::Listpack list(block_.data());
  const auto position = list.find(list.first(), ds::ListpackItem(field), 1);
  if (position == 0) return std::nullopt;
  return list.get(list.next(position));
}

// --- changing ---

template <class Home>
uint64_t HashChange<Home>::size() const noexcept {
  return is_packed() ? ds::Listpack(home_.block().data()).size() / 2 : object().size();
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
  if (!fits || bytes > ds::Listpack::bytes_max) become_object().set_small(false);
}

template <class Home>
bool HashChange<Home>::set(std::string_view field, std::string_view value) {
  if (is_packed() && !(short_enough(field) && short_enough(value))) become_object();
  return is_packed() ? set_in_listpack(field, value) : set_in_object(field, value);
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
bool HashChange<Home>::set_in_listpack(std::string_view field, std::string_view value) {
  const ds::Listpack list(home_.block().data());
  const ds::ListpackItem name(field), content(value);
  if (list.bytes() + field.size() + value.size() > ds::Listpack::bytes_max) return become_object().set(field, value);
  if (const auto position = list.find(list.first(), name, 1)) {
    content.write(home_.splice(list.replace(list.next(position), content.bytes())));
    return false;
  }
  content.write(name.write(home_.splice(list.insert(0, name.bytes() + content.bytes(), 2))));
  if (size() > static_cast<size_t>(rules_.limits->hash_listpack_entries)) become_object();
  return true;
}

template <class Home>
bool HashChange<Home>::remove(std::string_view field) {
  if (!is_packed()) return object().remove(field);
  const ds::Listpack list(home_.block().data());
  const auto position = list.find(list.first(), ds::ListpackItem(field), 1);
  if (position == 0) return false;
  home_.splice(list.erase(position, 2));
  return true;
}

template <class Home>
HashObject& HashChange<Home>::become_object() {
  if (!is_packed()) return object();
  auto made = std::make_unique<HashObject>(rules_.hash_key);
  const ds::Listpack list(home_.block().data());
  char field_digits[24], value_digits[24];
  for (auto position = list.first(); position != 0; position = list.next(position)) {
    const auto value = list.next(position);
    made->set(list.get(position).string(field_digits), list.get(value).string(value_digits));
    position = value;
  }
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

HashBuilder::HashBuilder(const ValueRules& rules) : HashChange(rules, empty_listpack()) {}

}  // namespace torc::store
