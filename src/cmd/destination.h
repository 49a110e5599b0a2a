// The key that a command stores its result under.
#pragma once

#include "session/context.h"

namespace torc::cmd {

// For a result that is empty. What was there goes, overdue or not: as in Redis, which does not look, it is deleted and
// not expired.
void erase_destination(session::Context& context, const store::KeyRef& key);

}  // namespace torc::cmd
