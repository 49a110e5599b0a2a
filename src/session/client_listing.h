// CLIENT LIST for many clients. Ten thousand lines take milliseconds, and nobody else should wait for them; so above
// at_once_max clients a list is written in slices between the ticks' other work, and only the client that asked waits
// (holds.cc). Each line is true at its own moment; clients come in the order of their ids, each at most once, and those
// that are connected from beginning to end are all there. Within EXEC or a script, where nothing may wait, a list is
// written at once.
//
// Who asks for the same list while it waits its turn gets the same text, by reference: many who ask cost one list.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/blob.h"
#include "session/channel.h"
#include "session/client.h"

namespace torc::session {

struct ClientListing {
  std::optional<ClientType> type;  // of the clients that are listed; none: all
  std::vector<ClientHandle> askers;
  uint64_t next_id = 0;  // of the first client that is not yet listed
  std::vector<base::BlobRef> text;  // a piece per slice

  [[nodiscard]] bool begun() const noexcept { return next_id != 0; }
};

class ClientListings {
 public:
  static constexpr size_t at_once_max = 128;     // clients
  static constexpr size_t slice_clients = 64;    // about 50 us

  [[nodiscard]] bool empty() const noexcept { return listings_.empty(); }
  [[nodiscard]] ClientListing& first() noexcept { return listings_.front(); }
  void remove_first() { listings_.pop_front(); }
  void add(ClientHandle asker, std::optional<ClientType> type);

 private:
  std::deque<ClientListing> listings_;
};

}  // namespace torc::session
