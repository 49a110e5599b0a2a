// ConsumerGroup: how far a group of consumers has read a stream, and which entries were given to whom and not yet
// acknowledged.
//
// A pending entry is one record of 32 bytes in the group's tree, which names its consumer by number, and one of 16, its
// id alone, in the consumer's: both are asked for in the order of ids. Delivering appends to both without a search,
// acknowledging in order takes from the front of both. (Redis: a block of 32 and two radix-tree nodes.) A count of
// deliveries beyond 32 bits, which only XCLAIM's RETRYCOUNT makes, stands aside.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ds/id_tree.h"
#include "ds/stream_id.h"

namespace torc::store {

// Counts of deliveries and of entries read may come from a client, however large; as in Redis they wrap around.
[[nodiscard]] constexpr int64_t one_more(int64_t count) noexcept {
  return static_cast<int64_t>(static_cast<uint64_t>(count) + 1);
}

struct PendingEntry {
  ds::StreamId id;
  int64_t delivered_ms;
  uint32_t deliveries;  // ConsumerGroup::deliveries() knows the whole number
  uint32_t consumer;
  [[nodiscard]] static uint64_t weight() noexcept { return 0; }
};
struct PendingId {
  ds::StreamId id;
  [[nodiscard]] static uint64_t weight() noexcept { return 0; }
};
using PendingEntries = ds::IdTree<PendingEntry>;
using PendingIds = ds::IdTree<PendingId>;

struct Consumer {
  std::string_view name;   // of the group's map
  int64_t seen_ms = 0;     // when it last tried to read or claim
  int64_t active_ms = -1;  // when it last got something; -1: never
  uint32_t number = 0;
  PendingIds pending;
};
using Consumers = std::map<std::string, Consumer, std::less<>>;

class ConsumerGroup {
 public:
  static constexpr int64_t entries_read_unknown = -1;

  ConsumerGroup(const ds::StreamId& last_id, int64_t entries_read) noexcept
      : last_id(last_id), entries_read(entries_read) {}

  ds::StreamId last_id;  // of the last entry delivered
  int64_t entries_read;  // or entries_read_unknown

  [[nodiscard]] const Consumers& consumers() const noexcept { return consumers_; }
  [[nodiscard]] Consumer* find_consumer(std::string_view name) noexcept;
  // There must be none of that name.
  Consumer& add_consumer(std::string_view name, int64_t now_ms);
  // With what is pending for it; what is to be freed is returned.
  ConsumerGroup erase_consumer(Consumer& consumer);

  [[nodiscard]] const PendingEntries& pending() const noexcept { return pending_; }
  [[nodiscard]] const Consumer& owner(const PendingEntry& entry) const noexcept { return *by_number_[entry.consumer]; }
  [[nodiscard]] int64_t deliveries(const PendingEntry& entry) const noexcept;

  // The entry was delivered to the consumer for the first time, whoever had it before. Returns its record.
  PendingEntries::Position deliver(const ds::StreamId& id, Consumer& consumer, int64_t now_ms);
  // The entry goes to the consumer (from whoever has it), or comes into being.
  PendingEntries::Position give(const ds::StreamId& id, PendingEntries::Position entry, Consumer& consumer);
  // delivered_ms and the number of deliveries of an entry that is there.
  void redeliver(PendingEntries::Position entry, int64_t delivered_ms, int64_t deliveries);
  void erase(PendingEntries::Position entry) noexcept;
  // False: it was not pending.
  bool acknowledge(const ds::StreamId& id) noexcept;

  // --- as for store::Object ---
  void copy_from(const ConsumerGroup& other);
  [[nodiscard]] size_t memory_bytes() const noexcept;
  // Estimated without a look at the consumers, who may be a million: the reclaimer asks after each step.
  [[nodiscard]] uint64_t blocks() const noexcept;
  // Takes from *count what was freed; true when nothing is left.
  bool release_some(size_t* count) noexcept;

 private:
  PendingEntries pending_;
  Consumers consumers_;
  std::vector<Consumer*> by_number_;    // null: the number is free
  std::vector<uint32_t> free_numbers_;
  std::map<ds::StreamId, int64_t> large_counts_;  // of the entries whose record says deliveries_elsewhere
};
using ConsumerGroups = std::map<std::string, ConsumerGroup, std::less<>>;

}  // namespace torc::store
