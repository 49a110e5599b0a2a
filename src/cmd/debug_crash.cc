// DEBUG's ways to end the server, which test the report of a crash.
#include "base/assert.h"
#include "base/crash.h"
#include "cmd/debug_parts.h"

namespace torc::cmd {

void debug_segfault(session::Context&) { base::crash_on_purpose(); }

void debug_panic(session::Context&) { TORC_PANIC("DEBUG PANIC called"); }

void debug_assert(session::Context&) {
  const bool called = true;
  TORC_ASSERT(!called && "DEBUG ASSERT called");
}

}  // namespace torc::cmd
