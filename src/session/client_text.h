// A client as a line of CLIENT LIST, for that command, CLIENT INFO and the log.
// A client as one line of CLIENT LIST.
#pragma once

#include <string>

namespace torc::session {

struct Client;

// All fields of Redis 7.2 in its order, without the newline. Sizes of buffers that torc does not have are 0.
[[nodiscard]] std::string client_line(const Client& client, int64_t now_ms);

}  // namespace torc::session
