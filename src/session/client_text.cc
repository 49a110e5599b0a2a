// Fields of buffers that torc does not have are 0, so that parsers of CLIENT LIST find what they expect.
#include "session/client_text.h"

#include <fmt/format.h>

#include "session/client.h"
#include "session/command.h"

namespace torc::session {

namespace {

std::string flags_of(const Client& client) {
  std::string flags;
  if (client.transaction.open) flags += 'x';
  if (client.dirty_watch) flags += 'd';
  if (client.close == CloseMode::after_reply) flags += 'c';
  if (client.close == CloseMode::now) flags += 'A';
  if (client.peer.unix_socket) flags += 'U';
  if (client.no_evict) flags += 'e';
  if (client.no_touch) flags += 'T';
  return flags.empty() ? "N" : flags;
}

}  // namespace

std::string client_line(const Client& client, int64_t now_ms) {
  const uint64_t output_bytes = client.output_pending_bytes + client.output.size();
  const uint64_t memory = sizeof(Client) + client.input_pending_bytes + client.argument_bytes +
                          client.transaction.memory_bytes + client.output_pending_bytes + client.output.memory_bytes();
  return fmt::format(
      "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub=0 psub=0 ssub=0 multi={} qbuf={} "
      "qbuf-free=0 argv-mem={} multi-mem={} rbs=0 rbp=0 obl={} oll={} omem={} tot-mem={} events={} cmd={} user={} "
      "redir=-1 resp={} lib-name={} lib-ver={}",
      client.id, client.peer.address, client.peer.local_address, client.peer.descriptor, client.name,
      (now_ms - client.created_ms) / 1000, (now_ms - client.last_interaction_ms) / 1000, flags_of(client),
      client.database, client.transaction.open ? static_cast<int64_t>(client.transaction.commands.size()) : -1,
      client.input_pending_bytes, client.argument_bytes, client.transaction.memory_bytes, output_bytes,
      client.output_pending_bytes == 0 ? 0 : 1, client.output_pending_bytes, memory,
      client.output_pending_bytes == 0 ? "r" : "rw", client.last_command ? client.last_command->full_name : "NULL",
      client.user, client.reply.protocol(), client.library_name, client.library_version);
}

}  // namespace torc::session
