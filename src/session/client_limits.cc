// maxmemory-clients: clients together may take so much; beyond that the largest are closed until the rest fits. And
// client-query-buffer-limit for clients inside MULTI: what they have queued counts as if it were still in the buffer
// (of a single request the network half keeps the limit by itself).
#include <algorithm>

#include <fmt/format.h>

#include "session/client_text.h"
#include "session/session.h"

namespace torc::session {

namespace {

// Less would leave no way to talk to the server and correct it.
constexpr uint64_t limit_bytes_min = uint64_t{128} << 10;

}  // namespace

// UINT64_MAX: none.
uint64_t Session::client_memory_limit() const noexcept {
  const int64_t setting = options_.maxmemory_clients;
  if (setting > 0) return std::max(static_cast<uint64_t>(setting), limit_bytes_min);
  if (setting == 0 || options_.maxmemory_bytes == 0) return UINT64_MAX;
  const double share = static_cast<double>(-setting) / 100;
  return std::max(static_cast<uint64_t>(static_cast<double>(options_.maxmemory_bytes) * share), limit_bytes_min);
}

void Session::input_held(ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) {
  Client* client = find_client(handle);
  if (!client) return;
  if (bytes > client->input_pending_bytes) client->last_interaction_ms = now_ms_;
  client->input_pending_bytes = bytes;
  client->input_memory_bytes = memory_bytes;
  account_memory(*client);
  if (client->transaction.open && over_query_limit(*client, bytes)) close_for_query_limit(*client);
}

void Session::close_for_query_limit(Client& client) {
  ++statistics_.query_limit_disconnections;
  log(log_warning,
      fmt::format("Closing client that reached max query buffer length: {}", client_line(client, now_ms_)));
  close_client(&client, CloseMode::now);
}

void Session::account_memory_of_all() {
  for (const auto& [id, client] : by_id_) {
    client_memory_.update(*client, client->memory_bytes(), options_.maxmemory_clients != 0 && !client->no_evict);
  }
}

// The clients that are left may stay above the limit for long, and this is asked before every command.
void Session::log_over_client_limit() {
  if (over_client_limit_log_.due(now_ms_)) {
    log(log_warning, "Over client maxmemory after evicting all evictable clients");
  }
}

void Session::evict_clients() {
  const uint64_t limit = client_memory_limit();
  while (client_memory_.bounded_bytes() >= limit) {
    Client* client = client_memory_.largest();
    if (!client) return log_over_client_limit();
    log(log_notice, fmt::format("Evicting client: {}", client_line(*client, now_ms_)));
    ++statistics_.evicted_clients;
    client_memory_.forget(*client);  // it may be the one that executes, which stays until its request is done
    close_client(client, CloseMode::now);
  }
}

}  // namespace torc::session
