// What the commands on consumer groups share: consumers that come into being, and the forms in which changes of what is
// pending are propagated.
#pragma once

#include <string_view>

#include "cmd/stream_parts.h"

namespace torc::cmd {

// Where a group is, by name.
struct NamedGroup {
  std::string_view key, name;
  const store::ConsumerGroup& group;
};

// The consumer must not be there. Counts as a change, with its event.
store::Consumer& create_consumer(session::Context& context, std::string_view key, store::ConsumerGroup& group,
                                 std::string_view name);

// XCLAIM with all that the pending entry is, and the group's last id. id: as the client wrote it, if it did.
void propagate_pending(session::Context& context, const NamedGroup& named, const store::PendingEntry& entry,
                       std::string_view id = {});
// XGROUP SETID with the group's last id.
void propagate_group(session::Context& context, const NamedGroup& named);

// The error of commands that need a group.
bool fail_no_group(const session::Context& context, std::string_view key, std::string_view name);

}  // namespace torc::cmd
