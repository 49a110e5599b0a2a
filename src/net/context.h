// Context: what the parts of one Network share. The lists name connections that something is to be done for; a
// connection carries a flag per list, so it is in each at most once, and the flag belongs to the slot: an entry that
// outlives its connection meets the next one there and does no harm.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "io/ring.h"
#include "net/batch.h"
#include "net/input.h"
#include "net/options.h"
#include "net/output_queue.h"
#include "session/channel.h"

namespace torc::net {

class Connection;

// An Output that goes back without progress to report.
struct SpentOutput {
  session::ClientHandle client;
  resp::Output output;
};

struct Context {
  io::Ring& ring;
  session::ConnectionEvents& events;
  const base::Clock& clock;
  const NetworkOptions& options;
  LogFunction log;

  NetworkStats stats{};
  InputPool input{};
  PartsPool parts{};
  resp::ChunkPool chunks{};  // for replies gathered in OutputQueues
  BatchList<&Batch::lent_position> lent{};  // in this tick
  std::vector<Connection*> ready{};      // something completed, or input can be parsed
  std::vector<Connection*> dirty{};      // output to send
  std::vector<Connection*> starved{};    // a receive ended for want of buffers
  std::vector<Connection*> lingering{};  // the peer is gone, replies may still leave
  std::vector<Connection*> direct{};     // a big bulk is received in one operation
  int64_t direct_look_us = 0;            // when to see which of these take long
  std::vector<uint32_t> free_slots{};
  // Delivered by the next collect(): events are not raised from within calls of the session half.
  std::vector<SpentOutput> spent_outputs{};

  // Empty, of the session half's pool once a reply was seen: what accompanies a report of progress alone.
  resp::Output nothing{nullptr};
  bool pool_known = false;

  void hand_back(session::ClientHandle client, resp::Output&& output) {
    if (output.memory_bytes() > 0) spent_outputs.push_back({client, std::move(output)});
  }
  void hand_back(session::ClientHandle client, std::vector<OutputQueue::Item>& items) {
    for (OutputQueue::Item& item : items) {
      if (!item.own) hand_back(client, std::move(item.output));
    }
  }
};

}  // namespace torc::net
