// The forms that values take, as they are configured now.
#pragma once

#include "session/context.h"
#include "session/session.h"
#include "store/value_home.h"

namespace torc::cmd {

[[nodiscard]] inline store::ValueRules value_rules(const session::Context& context) {
  return {&context.session().options().encodings, &context.session().keyspace().hash_key()};
}

}  // namespace torc::cmd
