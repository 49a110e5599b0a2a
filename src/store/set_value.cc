// The forms of sets and when one becomes another.
#include "store/set_value.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/assert.h"

namespace torc::store {

namespace {

LooseHome empty_home(const ValueRules& rules, Encoding encoding) {
  if (encoding == Encoding::hashtable) {
    return {Type::set, encoding, std::make_unique<SetObject>(rules.hash_key)};
  }
  char block[std::max(ds::Intset::header_bytes, ds::Listpack::empty_bytes)];
  if (encoding == Encoding::intset) {
    ds::Intset::make_empty(block);
    return {Type::set, encoding, std::string_view(block, ds::Intset::header_bytes)};
  }
  ds::Listpack::make_empty(block);
  return {Type::set, encoding, std::string_view(block, ds::Listpack::empty_bytes)};
}

size_t intset_entries_max(const ValueRules& rules) {
  return std::min(static_cast<size_t>(rules.limits->set_intset_entries), ds::Intset::size_max);
}

Encoding first_encoding(const ValueRules& rules, const SetMember& first, size_t members) {
  if (members <= static_cast<size_t>(rules.limits->set_intset_entries) && first.integer()) return Encoding::intset;
  return members <= static_cast<size_t>(rules.limits->set_listpack_entries) ? Encoding::listpack : Encoding::hashtable;
}

size_t digits_of(int64_t value) { return SetMember(value).text().size(); }

template <class Home>
void insert_integer(Home& home, int64_t integer) {
  const size_t bytes = ds::Intset(home.block().data()).bytes_with(integer);
  ds::Intset::insert(home.resize(bytes), integer);
}

template <class Home>
void append_item(Home& home, const ds::ListpackItem& item) {
  item.write(home.splice(ds::Listpack(home.block().data()).insert(0, item.bytes())));
}

}  // namespace

// --- reading ---

SetView::SetView(const Entry& entry) noexcept : encoding_(entry.encoding()) {
  TORC_ASSERT(entry.type() == Type::set);
  if (entry.is_object()) {
    object_ = static_cast<const SetObject*>(entry.object());
  } else {
    block_ = entry.packed();
  }
}

SetView::SetView(const LooseHome& home) noexcept
    : encoding_(home.encoding()), block_(home.block()), object_(static_cast<const SetObject*>(home.object())) {
  if (object_) block_ = {};
}

uint64_t SetView::size() const noexcept {
  if (object_) return object_->size();
  return encoding_ == Encoding::intset ? ds::Intset(block_.data()).size() : ds::Listpack(block_.data()).size();
}

bool SetView::contains(const SetMember& member) const noexcept {
  if (object_) return object_->contains(member.text());
  if (encoding_ == Encoding::intset) {
    const auto integer = member.integer();
    return integer && ds::Intset(block_.data()).contains(*integer);
  }
  const ds::Listpack list(block_.data());
  return list.find(list.first(), member.item()) != 0;
}

SetMember SetView::random(base::Random& random) const noexcept {
  if (object_) return SetMember(object_->table().item(object_->table().random(random)).key);
  if (encoding_ == Encoding::intset) return SetMember(ds::Intset(block_.data()).random(random));
  const ds::Listpack list(block_.data());
  return SetMember(list.get(list.at(static_cast<int64_t>(random.below(list.size())))));
}

// --- changing ---

template <class Home>
bool SetChange<Home>::add(const SetMember& member) {
  if (home_.encoding() == Encoding::hashtable) return object().add(member.text());
  return home_.encoding() == Encoding::intset ? add_to_intset(member) : add_to_listpack(member);
}

template <class Home>
bool SetChange<Home>::remove(const SetMember& member) {
  if (home_.encoding() == Encoding::hashtable) return object().remove(member.text());
  return home_.encoding() == Encoding::intset ? remove_from_intset(member) : remove_from_listpack(member);
}

template <class Home>
void SetChange<Home>::expect(size_t members) {
  const EncodingLimits& limits = *rules_.limits;
  const Encoding encoding = home_.encoding();
  if ((encoding == Encoding::listpack && members > static_cast<size_t>(limits.set_listpack_entries)) ||
      (encoding == Encoding::intset && members > static_cast<size_t>(limits.set_intset_entries))) {
    become_table();
  }
}

template <class Home>
void SetChange<Home>::add_new(const SetMember& member) {
  if (home_.encoding() == Encoding::hashtable) {
    object().add(member.text());
  } else if (home_.encoding() == Encoding::intset) {
    add_new_to_intset(member);
  } else {
    add_new_to_listpack(member, member.item());
  }
}

template <class Home>
bool SetChange<Home>::add_to_intset(const SetMember& member) {
  const auto integer = member.integer();
  if (integer && ds::Intset(home_.block().data()).contains(*integer)) return false;
  add_new_to_intset(member);
  return true;
}

template <class Home>
void SetChange<Home>::add_new_to_intset(const SetMember& member) {
  if (const auto integer = member.integer()) {
    if (ds::Intset(home_.block().data()).size() >= intset_entries_max(rules_)) return add_new_to_table(member);
    return insert_integer(home_, *integer);
  }
  if (!intset_fits_listpack(member.text().size())) return add_new_to_table(member);
  become_listpack();
  append_item(home_, member.item());
}

template <class Home>
void SetChange<Home>::add_new_to_table(const SetMember& member) {
  become_table();
  object().add(member.text());
}

// Whether the members of the intset and one more text of so many bytes may be a listpack.
template <class Home>
bool SetChange<Home>::intset_fits_listpack(size_t more_bytes) const {
  const ds::Intset set(home_.block().data());
  const size_t size = set.size(), value_bytes_max = static_cast<size_t>(rules_.limits->set_listpack_value_bytes);
  if (size >= static_cast<size_t>(rules_.limits->set_listpack_entries) || more_bytes > value_bytes_max) return false;
  if (size == 0) return more_bytes <= ds::Listpack::bytes_max;
  const int64_t least = set.at(0), most = set.at(size - 1);
  const size_t element_bytes = std::max(ds::ListpackItem(least).bytes(), ds::ListpackItem(most).bytes());
  return std::max(digits_of(least), digits_of(most)) <= value_bytes_max &&
         size * element_bytes + more_bytes <= ds::Listpack::bytes_max;
}

template <class Home>
bool SetChange<Home>::add_to_listpack(const SetMember& member) {
  const ds::Listpack list(home_.block().data());
  const ds::ListpackItem item = member.item();
  if (list.find(list.first(), item) != 0) return false;
  add_new_to_listpack(member, item);
  return true;
}

template <class Home>
void SetChange<Home>::add_new_to_listpack(const SetMember& member, const ds::ListpackItem& item) {
  const ds::Listpack list(home_.block().data());
  const size_t bytes = member.text().size();
  const bool fits = list.size() < static_cast<size_t>(rules_.limits->set_listpack_entries) &&
                    bytes <= static_cast<size_t>(rules_.limits->set_listpack_value_bytes) &&
                    list.bytes() + bytes <= ds::Listpack::bytes_max;
  fits ? append_item(home_, item) : add_new_to_table(member);
}

template <class Home>
bool SetChange<Home>::remove_from_intset(const SetMember& member) {
  const auto integer = member.integer();
  const size_t bytes = home_.block().size();
  if (!integer || !ds::Intset(home_.block().data()).contains(*integer)) return false;
  char* const block = home_.resize(bytes);
  ds::Intset::erase(block, *integer);
  home_.resize(ds::Intset(block).bytes());
  return true;
}

template <class Home>
bool SetChange<Home>::remove_from_listpack(const SetMember& member) {
  const ds::Listpack list(home_.block().data());
  const auto position = list.find(list.first(), member.item());
  if (position == 0) return false;
  home_.splice(list.erase(position));
  return true;
}

template <class Home>
void SetChange<Home>::become_listpack() {
  ds::ListpackBuilder list;
  const ds::Intset set(home_.block().data());
  for (size_t i = 0; i < set.size(); ++i) list.append(set.at(i));
  home_.become(Type::set, Encoding::listpack, list.block());
}

template <class Home>
void SetChange<Home>::become_table() {
  auto table = std::make_unique<SetObject>(rules_.hash_key);
  const auto add = [&table](const SetMember& member) { table->add(member.text()); };
  if (home_.encoding() == Encoding::intset) {
    const ds::Intset set(home_.block().data());
    for (size_t i = 0; i < set.size(); ++i) add(SetMember(set.at(i)));
  } else {
    const ds::Listpack list(home_.block().data());
    for (auto at = list.first(); at != 0; at = list.next(at)) add(SetMember(list.get(at)));
  }
  home_.become(Type::set, Encoding::hashtable, std::move(table));
}

template class SetChange<EntryHome>;
template class SetChange<LooseHome>;

// --- building ---

SetBuilder::SetBuilder(const ValueRules& rules, Encoding encoding) : SetChange(rules, empty_home(rules, encoding)) {}

SetBuilder::SetBuilder(const ValueRules& rules, const SetMember& first, size_t members)
    : SetBuilder(rules, first_encoding(rules, first, members)) {}

void SetBuilder::add_to_block(const SetMember& member) {
  if (home().encoding() == Encoding::intset) return insert_integer(home(), *member.integer());
  append_item(home(), member.item());
}

void SetBuilder::become_intset_if_possible() {
  if (home().encoding() == Encoding::intset || size() > intset_entries_max(rules())) return;
  SetBuilder integers(rules(), Encoding::intset);
  bool possible = true;
  view().visit([&](const SetMember& member) {
    possible = member.integer().has_value();
    if (possible) integers.add(member);
    return possible;
  });
  if (possible) home() = std::move(integers.home());
}

}  // namespace torc::store
