// A client as a line of CLIENT LIST, for that command, CLIENT INFO and the log. Fields of buffers that torc does not
// have are 0, so that parsers find what they expect. The format is compiled: ten thousand clients are ten thousand
// lines.
#include "session/client_text.h"

#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "session/client.h"
#include "session/command.h"

namespace torc::session {

namespace {

// At most one character per flag.
struct FlagText {
  char characters[16];
  size_t size = 0;

  void add(bool holds, char flag) {
    if (holds) characters[size++] = flag;
  }
  [[nodiscard]] std::string_view view() const { return {characters, size}; }
};

FlagText flags_of(const Client& client) {
  FlagText flags;
  flags.add(client.monitor, 'O');
  flags.add(client.transaction.open || client.exec_commands != 0, 'x');
  flags.add(client.hold.reason == HoldReason::postponed || client.hold.reason == HoldReason::blocked, 'b');
  flags.add(client.dirty_watch, 'd');
  flags.add(client.close == CloseMode::after_reply, 'c');
  flags.add(client.hold.reason == HoldReason::resuming, 'u');
  flags.add(client.close == CloseMode::now, 'A');
  flags.add(client.peer.unix_socket, 'U');
  flags.add(client.no_evict, 'e');
  flags.add(client.no_touch, 'T');
  flags.add(flags.size == 0, 'N');
  return flags;
}

// -1: no transaction.
int64_t queued_commands(const Client& client) {
  if (client.exec_commands != 0) return static_cast<int64_t>(client.exec_commands);
  return client.transaction.open ? static_cast<int64_t>(client.transaction.commands.size()) : -1;
}

}  // namespace

void append_client_line(std::string* text, const Client& client, int64_t now_ms) {
  const uint64_t output_bytes = client.output_pending_bytes + client.output.written_bytes();
  const bool sending = client.output_pending_bytes != 0;
  const std::string_view command = client.last_command ? std::string_view(client.last_command->full_name) : "NULL";
  // What waits has left the query buffer, as far as Redis has one.
  const uint64_t query_bytes = client.input_pending_bytes + (client.held() ? 0 : client.argument_bytes);
  auto out = std::back_inserter(*text);
  fmt::format_to(out, FMT_COMPILE("id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub=0 psub=0 "),
                 client.id, client.peer.address, client.peer.local_address, client.peer.descriptor, client.name,
                 (now_ms - client.created_ms) / 1000, (now_ms - client.last_interaction_ms) / 1000,
                 flags_of(client).view(), client.database);
  fmt::format_to(out, FMT_COMPILE("ssub=0 multi={} qbuf={} qbuf-free=0 argv-mem={} multi-mem={} rbs=0 rbp=0 obl={} "),
                 queued_commands(client), query_bytes, client.argument_bytes, client.transaction.memory_bytes,
                 output_bytes);
  fmt::format_to(out, FMT_COMPILE("oll={} omem={} tot-mem={} events={} cmd={} user={} redir=-1 resp={} "),
                 sending ? 1 : 0, client.output_pending_bytes, client.memory_bytes(), sending ? "rw" : "r", command,
                 client.user, client.reply.protocol());
  fmt::format_to(out, FMT_COMPILE("lib-name={} lib-ver={}"), client.library_name, client.library_version);
}

std::string client_line(const Client& client, int64_t now_ms) {
  std::string text;
  append_client_line(&text, client, now_ms);
  return text;
}

}  // namespace torc::session
