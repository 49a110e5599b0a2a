// Sets, whatever form they have: an intset while all members are integers and few, a listpack while they are few and
// short, a SetObject beyond that. SetView reads one; SetEditor changes the set under a key, SetBuilder one that has no
// key yet, both by the same rules. A set never goes back to a smaller form by itself; commands that make a new set may
// choose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/parse_number.h"
#include "base/random.h"
#include "ds/intset.h"
#include "ds/listpack.h"
#include "store/set_object.h"
#include "store/value_home.h"

namespace torc::store {

// A member as text, as integer if it is one; each made from the other when it is asked for.
class SetMember {
 public:
  // The text must outlive the member.
  explicit SetMember(std::string_view text) noexcept : text_(text) {}
  explicit SetMember(int64_t integer) noexcept
      : integer_(integer), is_integer_(true), parsed_(true), from_integer_(true) {}
  explicit SetMember(const ds::Listpack::Element& element) noexcept
      : text_(element.text), is_integer_(element.is_integer), parsed_(true), from_integer_(element.is_integer) {
    if (from_integer_) integer_ = element.integer;
  }

  [[nodiscard]] std::string_view text() const noexcept {
    if (!from_integer_) return text_;
    if (digits_ == 0) digits_ = base::format_integer(scratch_, integer_);
    return {scratch_, digits_};
  }
  [[nodiscard]] std::optional<int64_t> integer() const noexcept {
    if (!parsed_) parse();
    return is_integer_ ? std::optional(integer_) : std::nullopt;
  }
  [[nodiscard]] ds::ListpackItem item() const noexcept {
    return from_integer_ ? ds::ListpackItem(integer_) : ds::ListpackItem(text_);
  }

 private:
  void parse() const noexcept {
    const auto parsed = base::parse_integer(text_);
    is_integer_ = parsed.has_value();
    integer_ = parsed.value_or(0);
    parsed_ = true;
  }

  std::string_view text_;
  mutable int64_t integer_ = 0;
  mutable bool is_integer_ = false;
  mutable bool parsed_ = false;
  bool from_integer_ = false;
  mutable size_t digits_ = 0;
  mutable char scratch_[base::integer_digits_max];
};

class SetView {
 public:
  // A set's entry; the view is good until the next change of the database.
  explicit SetView(const Entry& entry) noexcept;
  explicit SetView(const LooseHome& home) noexcept;

  [[nodiscard]] Encoding encoding() const noexcept { return encoding_; }
  [[nodiscard]] uint64_t size() const noexcept;
  [[nodiscard]] bool contains(const SetMember& member) const noexcept;
  // Null unless it is a hashtable.
  [[nodiscard]] const ds::PackedTable* table() const noexcept { return object_ ? &object_->table() : nullptr; }
  [[nodiscard]] std::string_view block() const noexcept { return block_; }  // of a packed set
  [[nodiscard]] bool same_as(const SetView& other) const noexcept {
    return block_.data() == other.block_.data() && object_ == other.object_;
  }

  // Calls visit(const SetMember&) for the members, in ascending order for an intset, in order of addition for a
  // listpack, until it returns false. A copy of the member is good as long as the view.
  template <class Visit>
  void visit(Visit&& visit) const {
    if (object_) return visit_table(visit);
    encoding_ == Encoding::intset ? visit_intset(visit) : visit_listpack(visit);
  }
  // The same for all members.
  template <class Visit>
  void for_each(Visit&& visit) const {
    this->visit([&visit](const SetMember& member) {
      visit(member);
      return true;
    });
  }
  // Uniform; the set must not be empty. Good as long as the view.
  [[nodiscard]] SetMember random(base::Random& random) const noexcept;

 private:
  template <class Visit>
  void visit_table(Visit& visit) const {
    object_->table().visit([&](const ds::PackedTable::Item& item) { return visit(SetMember(item.key)); });
  }
  template <class Visit>
  void visit_intset(Visit& visit) const {
    const ds::Intset set(block_.data());
    const size_t size = set.size();
    for (size_t i = 0; i < size && visit(SetMember(set.at(i))); ++i) {
    }
  }
  template <class Visit>
  void visit_listpack(Visit& visit) const {
    const ds::Listpack list(block_.data());
    for (auto position = list.first(); position != 0; position = list.next(position)) {
      if (!visit(SetMember(list.get(position)))) return;
    }
  }

  Encoding encoding_;
  std::string_view block_;
  const SetObject* object_ = nullptr;
};

// How a set changes; Home is one of those in value_home.h.
template <class Home>
class SetChange {
 public:
  SetChange(const ValueRules& rules, Home home) : rules_(rules), home_(std::move(home)) {}

  // False when it is a member already. What the member points to must not lie in the set.
  bool add(const SetMember& member);
  // The same of what is known to be no member: a packed set is not searched.
  void add_new(const SetMember& member);
  // False when it is none. The last one leaves an empty set.
  bool remove(const SetMember& member);
  // So many members are about to be added.
  void expect(size_t members);
  [[nodiscard]] Home& home() noexcept { return home_; }
  [[nodiscard]] const Home& home() const noexcept { return home_; }

 protected:
  [[nodiscard]] SetObject& object() const noexcept { return *static_cast<SetObject*>(home_.object()); }
  void become_table();
  const ValueRules& rules() const noexcept { return rules_; }

 private:
  bool add_to_intset(const SetMember& member);
  bool add_to_listpack(const SetMember& member);
  void add_new_to_intset(const SetMember& member);
  void add_new_to_listpack(const SetMember& member, const ds::ListpackItem& item);
  void add_new_to_table(const SetMember& member);
  bool remove_from_intset(const SetMember& member);
  bool remove_from_listpack(const SetMember& member);
  [[nodiscard]] bool intset_fits_listpack(size_t more_bytes) const;
  void become_listpack();

  ValueRules rules_;
  Home home_;
};

class SetEditor : public SetChange<EntryHome> {
 public:
  SetEditor(const ValueRules& rules, Database* database, const KeyRef& key, Entry* entry)
      : SetChange(rules, EntryHome(database, key, entry)) {}
  [[nodiscard]] uint64_t size() const noexcept { return SetView(*home().entry()).size(); }
};

class SetBuilder : public SetChange<LooseHome> {
 public:
  // Empty, in this form.
  SetBuilder(const ValueRules& rules, Encoding encoding);
  // Empty, in the form for a set that begins with this member and will have about so many.
  SetBuilder(const ValueRules& rules, const SetMember& first, size_t members);

  [[nodiscard]] SetView view() const noexcept { return SetView(home()); }
  [[nodiscard]] uint64_t size() const noexcept { return view().size(); }
  // Into a packed set whatever the limits are: what is known to be no member, and an integer if it is an intset.
  void add_to_block(const SetMember& member);
  // Becomes an intset if all members are integers and the set is small enough.
  void become_intset_if_possible();
  // Gives the set to the key, in place of what old (may be null) holds.
  Entry* move_to(Database& database, const KeyRef& key, Entry* old) && {
    return std::move(home()).move_to(database, key, old);
  }
};

}  // namespace torc::store
