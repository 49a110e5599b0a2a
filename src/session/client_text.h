// A client as one line of CLIENT LIST: for that command, for CLIENT INFO, and for the log when a client is closed.
#pragma once

#include <string>

namespace torc::session {

struct Client;

// Appends all fields of Redis 7.2 in its order, without the newline. Sizes of buffers that torc does not have are 0.
void append_client_line(std::string* text, const Client& client, int64_t now_ms);
[[nodiscard]] std::string client_line(const Client& client, int64_t now_ms);

}  // namespace torc::session
