// Scores in a listpack: whole numbers as integers, as Redis stores them, others as text.
#include "store/zset_editor.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/parse_number.h"

namespace torc::store {

namespace {

using ds::Listpack;
using ds::ListpackEdit;
using ds::ListpackItem;
using What = ZsetAdded::What;

constexpr uint32_t pair = 2;

// A score as an element, with its text.
class ScoreElement {
 public:
  explicit ScoreElement(double score) noexcept
      : item_(std::string_view(text_, base::format_double(text_, score + 0.0))) {}  // -0 is the integer 0
  [[nodiscard]] const ListpackItem& item() const noexcept { return item_; }

 private:
  char text_[base::double_text_max];
  ListpackItem item_;
};

// The member before which this one belongs; 0: at the end.
Listpack::Position place_of(Listpack pairs, double score, std::string_view member) noexcept {
  char digits[24];
  for (auto at = pairs.first(); at != 0; at = pairs.next(pairs.next(at))) {
    const double other = packed_score(pairs, at);
    if (other > score || (other == score && pairs.get(at).string(digits) > member)) return at;
  }
  return 0;
}

// What the rule makes of a member that is there. The score is the new one if it is to be set.
ZsetAdded decide(const ZsetAddRule& rule, double score, double current) noexcept {
  if (rule.only_new) return {What::skipped};
  if (rule.increment) score += current;
  if (std::isnan(score)) return {What::nan};
  if ((rule.only_less && score >= current) || (rule.only_greater && score <= current)) return {What::skipped};
  return {score == current ? What::same : What::updated, score};
}

// So much that the few others are copied: a set that nobody looks at any more is freed with less work than members one
// by one.
bool is_nearly_all(const RankRange& range, uint64_t size) {
  constexpr uint64_t members_min = 1024, others_max = 128;
  return range.size() >= members_min && size - range.size() <= others_max;
}

}  // namespace

ZsetObject& ZsetEditor::object() const noexcept { return *static_cast<ZsetObject*>(entry_->object()); }

void ZsetEditor::create(uint64_t members, size_t first_member_bytes) {
  if (members > limits_.entries || first_member_bytes > limits_.member_bytes) {
    entry_ = database_->set_object(key_, nullptr, Type::zset, Encoding::skiplist,
                                   std::make_unique<ZsetObject>(hash_key_));
    return;
  }
  char empty[Listpack::empty_bytes];
  Listpack::make_empty(empty);
  entry_ = database_->set_packed(key_, nullptr, Type::zset, Encoding::listpack, {empty, sizeof empty});
}

void ZsetEditor::expect(uint64_t members) {
  if (!entry_->is_object() && members > limits_.entries) unpack();
}

void ZsetEditor::unpack() {
  auto made = std::make_unique<ZsetObject>(hash_key_);
  for (ZsetCursor cursor = view().at(0); cursor; cursor.next()) {
    made->insert(made->hash(cursor.member()), cursor.member(), cursor.score());
  }
  entry_ = database_->set_object(key_, entry_, Type::zset, Encoding::skiplist, std::move(made));
}

bool ZsetEditor::fits_packed(std::string_view member) const noexcept {
  return size() < limits_.entries && member.size() <= limits_.member_bytes &&
         entry_->packed().size() + member.size() <= Listpack::bytes_max;
}

ZsetAdded ZsetEditor::add(const ZsetAddRule& rule, double score, std::string_view member) {
  return entry_->is_object() ? add_to_object(rule, score, member) : add_to_packed(rule, score, member);
}

ZsetAdded ZsetEditor::add_to_packed(const ZsetAddRule& rule, double score, std::string_view member) {
  const Listpack pairs = view().listpack();
  const Listpack::Position found = pairs.find(pairs.first(), ListpackItem(member), 1);
  if (found == 0) {
    if (rule.only_present) return {What::skipped};
    if (!fits_packed(member)) {
      unpack();
      return add_to_object(rule, score, member);
    }
    insert_packed(score, member);
    return {What::added, score};
  }
  const ZsetAdded decided = decide(rule, score, packed_score(pairs, found));
  if (decided.what == What::updated) {
    erase_packed(found, 1);
    insert_packed(decided.score, member);
  }
  return decided;
}

ZsetAdded ZsetEditor::add_to_object(const ZsetAddRule& rule, double score, std::string_view member) {
  ZsetObject& members = object();
  const uint64_t hash = members.hash(member);
  members.prefetch(hash, score);
  ZsetItem* const item = members.find(hash, member);
  if (!item) {
    if (rule.only_present) return {What::skipped};
    members.insert(hash, member, score);
    return {What::added, score};
  }
  const ZsetAdded decided = decide(rule, score, item->score());
  if (decided.what == What::updated) members.set_score(item, decided.score);
  return decided;
}

void ZsetEditor::insert_packed(double score, std::string_view member) {
  const Listpack pairs = view().listpack();
  const ListpackItem name(member);
  const ScoreElement number(score);
  const ListpackEdit edit =
      pairs.insert(place_of(pairs, score, member), name.bytes() + number.item().bytes(), static_cast<int32_t>(pair));
  const Database::Spliced spliced = database_->splice(key_, entry_, edit);
  entry_ = spliced.entry;
  number.item().write(name.write(spliced.gap));
}

void ZsetEditor::erase_packed(Listpack::Position position, uint32_t members) {
  entry_ = database_->splice(key_, entry_, view().listpack().erase(position, members * pair)).entry;
}

bool ZsetEditor::erase(std::string_view member) {
  if (entry_->is_object()) return object().erase(member);
  const Listpack pairs = view().listpack();
  const Listpack::Position found = pairs.find(pairs.first(), ListpackItem(member), 1);
  if (found == 0) return false;
  erase_packed(found, 1);
  return true;
}

// What is left is copied, and the old set is freed in slices.
void ZsetEditor::keep_others(const RankRange& range) {
  auto made = std::make_unique<ZsetObject>(hash_key_);
  const auto keep = [&](uint64_t rank, uint64_t end) {
    for (auto position = object().at(rank); rank < end; ++rank, position = position.next()) {
      const ZsetItem& item = *position.item();
      made->insert(made->hash(item.member()), item.member(), item.score());
    }
  };
  keep(0, range.begin);
  keep(range.end, size());
  entry_ = database_->set_object(key_, entry_, Type::zset, Encoding::skiplist, std::move(made));
}

void ZsetEditor::erase(const RankRange& range) {
  if (range.empty()) return;
  if (entry_->is_object()) {
    if (is_nearly_all(range, size())) return keep_others(range);
    const bool first = range.begin == 0, last = range.end == size();
    if (auto left = object().erase(range)) database_->let_go(std::move(left));
    if (first != last) object().prefetch_end(last);
    return;
  }
  erase_packed(view().listpack().at(static_cast<int64_t>(range.begin * pair)), static_cast<uint32_t>(range.size()));
}

namespace {

// The block of a packed set, if it may be one.
std::optional<std::string> pack(const ZsetObject& members, const ZsetLimits& limits) {
  if (members.size() > limits.entries) return std::nullopt;
  size_t bytes = 0;
  for (auto position = members.at(0); position; position = position.next()) {
    const size_t member_bytes = position.item()->member().size();
    bytes += member_bytes;
    if (member_bytes > limits.member_bytes || bytes > Listpack::bytes_max) return std::nullopt;
  }
  ds::ListpackBuilder builder;
  for (auto position = members.at(0); position; position = position.next()) {
    builder.append(position.item()->member());
    builder.append(ScoreElement(position.item()->score()).item());
  }
  return builder.block();
}

}  // namespace

Entry* set_zset(Database* database, const KeyRef& key, Entry* old, std::unique_ptr<ZsetObject> members,
                const ZsetLimits& limits) {
  if (old) old = database->set_deadline(key, old, no_deadline);
  if (const auto block = pack(*members, limits)) {
    return database->set_packed(key, old, Type::zset, Encoding::listpack, *block);
  }
  return database->set_object(key, old, Type::zset, Encoding::skiplist, std::move(members));
}

}  // namespace torc::store
