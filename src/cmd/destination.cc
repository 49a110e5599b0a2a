// One way for BITOP, SORT and the algebra of sets and sorted sets.
#include "cmd/destination.h"

#include "session/session.h"
#include "store/keyspace.h"

namespace torc::cmd {

void erase_destination(session::Context& context, const store::KeyRef& key) {
  store::Entry* const old = context.database().find(key);
  if (!old) return;
  context.database().erase(key, old);
  context.changed(key.bytes, session::event_generic, "del");
}

}  // namespace torc::cmd
