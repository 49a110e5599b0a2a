// The two trees that know of a pending entry are changed together, here and nowhere else.
#include "store/stream_group.h"

namespace torc::store {

namespace {

constexpr uint32_t deliveries_elsewhere = UINT32_MAX;
// What a node of std::map takes beside its value.
constexpr size_t map_node_bytes = 32;
// One in so many entries: fewer are looked for one by one, of more what stays is copied.
constexpr uint64_t searching_pays = 16;
// Of a consumer's ids, about.
constexpr uint64_t ids_a_block = 61;

}  // namespace

Consumer* ConsumerGroup::find_consumer(std::string_view name) noexcept {
  const auto found = consumers_.find(name);
  return found == consumers_.end() ? nullptr : &found->second;
}

Consumer& ConsumerGroup::add_consumer(std::string_view name, int64_t now_ms) {
  const auto [place, added] = consumers_.try_emplace(std::string(name));
  TORC_ASSERT(added);
  Consumer& consumer = place->second;
  consumer.name = place->first;
  consumer.seen_ms = now_ms;
  if (free_numbers_.empty()) {
    consumer.number = static_cast<uint32_t>(by_number_.size());
    by_number_.push_back(&consumer);
  } else {
    consumer.number = free_numbers_.back();
    free_numbers_.pop_back();
    by_number_[consumer.number] = &consumer;
  }
  return consumer;
}

ConsumerGroup ConsumerGroup::erase_consumer(Consumer& consumer) {
  ConsumerGroup discarded({}, 0);
  std::erase_if(large_counts_, [&](const auto& counted) { return bool(consumer.pending.find(counted.first)); });
  if (consumer.pending.size() > pending_.size() / searching_pays) {
    PendingEntries staying;
    const bool all_go = consumer.pending.size() == pending_.size();
    for (auto entry = all_go ? PendingEntries::Position() : pending_.first(); entry; entry = entry.next()) {
      if (entry->consumer != consumer.number) staying.insert(*entry);
    }
    discarded.pending_.swap(pending_);
    pending_.swap(staying);
  } else {
    for (auto own = consumer.pending.first(); own; own = own.next()) pending_.erase(pending_.find(own->id));
  }
  by_number_[consumer.number] = nullptr;
  free_numbers_.push_back(consumer.number);
  discarded.consumers_.insert(consumers_.extract(consumers_.find(consumer.name)));
  return discarded;
}

int64_t ConsumerGroup::deliveries(const PendingEntry& entry) const noexcept {
  if (entry.deliveries != deliveries_elsewhere) return entry.deliveries;
  return large_counts_.find(entry.id)->second;
}

PendingEntries::Position ConsumerGroup::deliver(const ds::StreamId& id, Consumer& consumer, int64_t now_ms) {
  const PendingEntries::Position entry = give(id, pending_.find(id), consumer);
  redeliver(entry, now_ms, 1);
  consumer.active_ms = now_ms;
  return entry;
}

PendingEntries::Position ConsumerGroup::give(const ds::StreamId& id, PendingEntries::Position entry,
                                             Consumer& consumer) {
  if (entry) {
    if (entry->consumer == consumer.number) return entry;
    PendingIds& before = by_number_[entry->consumer]->pending;
    before.erase(before.find(id));
    entry->consumer = consumer.number;
  } else {
    entry = pending_.insert({id, 0, 0, consumer.number});
  }
  consumer.pending.insert({id});
  return entry;
}

void ConsumerGroup::redeliver(PendingEntries::Position entry, int64_t delivered_ms, int64_t deliveries) {
  entry->delivered_ms = delivered_ms;
  if (entry->deliveries == deliveries_elsewhere) large_counts_.erase(entry->id);
  const bool is_large = deliveries < 0 || deliveries >= deliveries_elsewhere;
  entry->deliveries = is_large ? deliveries_elsewhere : static_cast<uint32_t>(deliveries);
  if (is_large) large_counts_[entry->id] = deliveries;
}

void ConsumerGroup::erase(PendingEntries::Position entry) noexcept {
  if (entry->deliveries == deliveries_elsewhere) large_counts_.erase(entry->id);
  PendingIds& own = by_number_[entry->consumer]->pending;
  own.erase(own.find(entry->id));
  pending_.erase(entry);
}

bool ConsumerGroup::acknowledge(const ds::StreamId& id) noexcept {
  const PendingEntries::Position entry = pending_.find(id);
  if (!entry) return false;
  erase(entry);
  return true;
}

void ConsumerGroup::copy_from(const ConsumerGroup& other) {
  for (const auto& [name, consumer] : other.consumers_) {
    Consumer& made = add_consumer(name, consumer.seen_ms);
    made.active_ms = consumer.active_ms;
  }
  for (auto entry = other.pending_.first(); entry; entry = entry.next()) {
    Consumer& consumer = *find_consumer(other.owner(*entry).name);
    redeliver(give(entry->id, {}, consumer), entry->delivered_ms, other.deliveries(*entry));
  }
}

size_t ConsumerGroup::memory_bytes() const noexcept {
  size_t bytes = pending_.memory_bytes() + by_number_.capacity() * sizeof(Consumer*) +
                 free_numbers_.capacity() * sizeof(uint32_t) +
                 large_counts_.size() * (map_node_bytes + sizeof(*large_counts_.begin()));
  for (const auto& [name, consumer] : consumers_) {
    bytes += map_node_bytes + sizeof(*consumers_.begin()) + consumer.pending.memory_bytes();
    if (name.capacity() > std::string().capacity()) bytes += name.capacity() + 1;
  }
  return bytes;
}

uint64_t ConsumerGroup::blocks() const noexcept {
  return pending_.blocks() + pending_.size() / ids_a_block + consumers_.size() + large_counts_.size();
}

bool ConsumerGroup::release_some(size_t* count) noexcept {
  while (*count > 0) {
    if (!consumers_.empty()) {
      Consumer& consumer = consumers_.begin()->second;
      if (!consumer.pending.drop_last_leaf()) consumers_.erase(consumers_.begin());
    } else if (!large_counts_.empty()) {
      large_counts_.erase(large_counts_.begin());
    } else if (!pending_.drop_last_leaf()) {
      return true;
    }
    --*count;
  }
  return false;
}

}  // namespace torc::store
