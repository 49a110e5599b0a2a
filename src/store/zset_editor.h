// A sorted set that is being changed. It is packed as long as it has few and short members; which form it takes is
// decided here, as Redis decides it: by what is about to be added, and never back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/hash.h"
#include "store/database.h"
#include "store/zset_object.h"
#include "store/zset_range.h"
#include "store/zset_view.h"

namespace torc::store {

// What a packed set may have.
struct ZsetLimits {
  uint64_t entries;       // members
  uint64_t member_bytes;  // of the longest
};

// Under which conditions a member is added or its score changed.
struct ZsetAddRule {
  bool increment = false;  // the score is added to that of the member
  bool only_new = false;
  bool only_present = false;
  bool only_greater = false, only_less = false;
};

struct ZsetAdded {
  enum class What : uint8_t {
    added,
    updated,
    same,     // the member has this score already
    skipped,  // a condition of the rule did not hold
    nan,      // infinities of both signs were added; nothing changed
  };
  What what;
  double score = 0;  // the member's, unless skipped or nan
};

class ZsetEditor {
 public:
  // entry: what find() gives for the key; a sorted set, or null until create(). hash_key is the keyspace's.
  ZsetEditor(Database* database, const KeyRef& key, Entry* entry, const ZsetLimits& limits,
             const base::HashKey* hash_key) noexcept
      : database_(database), key_(key), entry_(entry), limits_(limits), hash_key_(hash_key) {}

  // Makes the key, to which so many members are about to be added; the first is that long.
  void create(uint64_t members, size_t first_member_bytes);
  // So many members may be added.
  void expect(uint64_t members);
  // score is not NaN.
  ZsetAdded add(const ZsetAddRule& rule, double score, std::string_view member);
  // False when there is no such member. The caller erases the key when the last one is gone.
  bool erase(std::string_view member);
  // However many these are; what takes long is left to the reclaimer.
  void erase(const RankRange& range);

  [[nodiscard]] Entry* entry() const noexcept { return entry_; }
  [[nodiscard]] ZsetView view() const noexcept { return ZsetView(*entry_); }
  [[nodiscard]] uint64_t size() const noexcept { return view().size(); }

 private:
  [[nodiscard]] ZsetObject& object() const noexcept;
  [[nodiscard]] bool fits_packed(std::string_view member) const noexcept;
  ZsetAdded add_to_packed(const ZsetAddRule& rule, double score, std::string_view member);
  ZsetAdded add_to_object(const ZsetAddRule& rule, double score, std::string_view member);
  void insert_packed(double score, std::string_view member);
  void keep_others(const RankRange& range);
  void erase_packed(ds::Listpack::Position position, uint32_t members);
  void unpack();

  Database* database_;
  KeyRef key_;
  Entry* entry_;
  ZsetLimits limits_;
  const base::HashKey* hash_key_;
};

// Sets the key to these members, packed if the limits allow it, without a deadline; old is what find() gives.
// There is at least one member.
Entry* set_zset(Database* database, const KeyRef& key, Entry* old, std::unique_ptr<ZsetObject> members,
                const ZsetLimits& limits);

}  // namespace torc::store
