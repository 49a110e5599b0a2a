// LOLWUT: a picture. Ours is what the server is called after: a torc, the twisted ring that Celts wore around the neck,
// open at the front.
#pragma once

#include <span>

#include "session/command.h"

namespace torc::server {

[[nodiscard]] std::span<const session::CommandRow> lolwut_rows();

}  // namespace torc::server
