// ClientMemory: how much memory clients take, per type, and which one to close when that is too much
// (maxmemory-clients).
//
// What a client takes is known anew after each of its requests and when input or output of it changes, but only while
// there is a limit; without one, the regular round over all clients is enough for INFO. A reply of up to a chunk, which
// usually leaves with its tick, counts when that round finds it still waiting: otherwise whoever is just being answered
// could tip the scales (Redis counts a buffer of that size for each client all the time). Clients that may be closed
// are kept in buckets by the power of two of their memory, so the largest is found at once, give or take a factor of
// two, as in Redis.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "session/client.h"

namespace torc::session {

class ClientMemory {
 public:
  // Looks at the client again: it takes so much. may_go: it is among those that may be closed.
  void update(Client& client, uint64_t bytes, bool may_go);
  // It is no more.
  void forget(Client& client);

  [[nodiscard]] uint64_t bytes_of(ClientType type) const noexcept { return bytes_[static_cast<size_t>(type)]; }
  // What maxmemory-clients bounds.
  [[nodiscard]] uint64_t bounded_bytes() const noexcept {
    return bytes_of(ClientType::normal) + bytes_of(ClientType::pubsub);
  }
  // One of the largest that may be closed; null: there is none.
  [[nodiscard]] Client* largest() const noexcept;
  // Those that may be closed. Bucket 0: below 2^bucket_bits_min bytes; each next one twice as far.
  static constexpr int bucket_bits_min = 15, bucket_bits_max = 33;  // below 32 KiB, and from 4 GiB on
  [[nodiscard]] std::span<const std::vector<Client*>> buckets() const noexcept { return buckets_; }

 private:
  static int8_t bucket_of(uint64_t bytes) noexcept;
  void put_in_bucket(Client& client, int8_t bucket);

  std::array<uint64_t, 4> bytes_{};  // by ClientType
  std::array<std::vector<Client*>, bucket_bits_max - bucket_bits_min + 1> buckets_;
};

}  // namespace torc::session
