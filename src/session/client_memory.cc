// Buckets are vectors; a client knows its place in one, so leaving is an exchange with the last.
#include "session/client_memory.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace torc::session {

int8_t ClientMemory::bucket_of(uint64_t bytes) noexcept {
  return static_cast<int8_t>(std::clamp(static_cast<int>(std::bit_width(bytes)), bucket_bits_min, bucket_bits_max) -
                             bucket_bits_min);
}

void ClientMemory::put_in_bucket(Client& client, int8_t bucket) {
  ClientMemoryPlace& place = client.memory;
  if (place.bucket == bucket) return;
  if (place.bucket >= 0) {
    std::vector<Client*>& old = buckets_[static_cast<size_t>(place.bucket)];
    TORC_ASSERT(old[place.index] == &client);
    old[place.index] = old.back();
    old[place.index]->memory.index = place.index;
    old.pop_back();
  }
  place.bucket = bucket;
  if (bucket < 0) return;
  place.index = static_cast<uint32_t>(buckets_[static_cast<size_t>(bucket)].size());
  buckets_[static_cast<size_t>(bucket)].push_back(&client);
}

void ClientMemory::update(Client& client, uint64_t bytes, bool may_go) {
  ClientMemoryPlace& place = client.memory;
  bytes_[static_cast<size_t>(place.type)] -= place.bytes;
  place.bytes = bytes;
  place.type = client.type;
  bytes_[static_cast<size_t>(place.type)] += place.bytes;
  const bool bounded = client.type == ClientType::normal || client.type == ClientType::pubsub;
  put_in_bucket(client, may_go && bounded ? bucket_of(place.bytes) : int8_t{-1});
}

void ClientMemory::forget(Client& client) {
  bytes_[static_cast<size_t>(client.memory.type)] -= client.memory.bytes;
  client.memory.bytes = 0;
  put_in_bucket(client, -1);
}

Client* ClientMemory::largest() const noexcept {
  for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend(); ++bucket) {
    if (!bucket->empty()) return bucket->front();
  }
  return nullptr;
}

}  // namespace torc::session
