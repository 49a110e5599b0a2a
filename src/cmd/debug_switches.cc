// DEBUG's switches: what tests turn on and off. Those that belong to parts which are not there yet are kept in the
// session's options, where the part will look. RELOAD and LOADAOF cannot be kept: they are refused.
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "base/memory.h"
#include "base/parse_number.h"
#include "cmd/debug_parts.h"
#include "session/context.h"
#include "session/help.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::DebugOptions;

bool truth(std::string_view text) { return base::c_integer(text) != 0; }

void set(Context& context, bool DebugOptions::* option) {
  context.session().options().debug.*option = truth(context[2]);
  context.reply().ok();
}

constexpr uint64_t packed_bytes_limit = (uint64_t{4} << 30) - (1 << 20);

bool check_reload_options(Context& context) {
  for (size_t i = 2; i < context.size(); ++i) {
    const bool known = session::equals_lower(context[i], "merge") || session::equals_lower(context[i], "noflush") ||
                       session::equals_lower(context[i], "nosave");
    if (!known) return context.fail("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  }
  return true;
}

}  // namespace

void debug_pause_cron(Context& context) { set(context, &DebugOptions::pause_cron); }

void debug_disable_deny_scripts(Context& context) { set(context, &DebugOptions::disable_deny_scripts); }

void debug_skip_checksums(Context& context) { set(context, &DebugOptions::skip_checksums); }

void debug_packed_threshold(Context& context) {
  const auto bytes = base::parse_memory(base::c_text(context[2]));
  if (!bytes || *bytes > packed_bytes_limit) {
    context.fail("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
    return;
  }
  context.session().options().debug.packed_bytes_max = *bytes == 0 ? DebugOptions::packed_bytes_default : *bytes;
  context.reply().ok();
}

// Replies gather in chunks that all clients share: there is nothing that could be resized.
void debug_reply_buffer(Context& context) {
  const bool peak = session::equals_lower(context[2], "peak-reset-time");
  if (!peak && !session::equals_lower(context[2], "resizing")) return session::reply_subcommand_error(context);
  const bool word = session::equals_lower(context[3], "never") || session::equals_lower(context[3], "reset");
  if (peak && !word && !context.integer(3)) return;
  context.reply().ok();
}

void debug_leak(Context& context) {
  void* lost = base::allocate(context[2].size());
  context[2].copy(static_cast<char*>(lost), context[2].size());
  context.reply().ok();
}

void debug_replicate(Context& context) {
  context.session().effects().propagate(context.database_index(), context.arguments().subspan(2));
  context.reply().ok();
}

void debug_change_replication_id(Context& context) {
  const auto& change = context.session().options().debug.change_replication_id;
  if (change) change();
  context.reply().ok();
}

void debug_reload(Context& context) {
  if (!check_reload_options(context)) return;
  context.fail("ERR DEBUG RELOAD is not possible: this version has no snapshots");
}

void debug_load_aof(Context& context) {
  context.fail("ERR DEBUG LOADAOF is not possible: this version has no append-only file");
}

// A line per bucket: its bounds in bytes, what its clients take, how many they are.
void debug_client_eviction(Context& context) {
  if (context.session().options().maxmemory_clients == 0) {
    context.fail("ERR maxmemory-clients is disabled.");
    return;
  }
  const auto buckets = context.session().client_memory().buckets();
  std::string text;
  for (size_t i = 0; i < buckets.size(); ++i) {
    const uint64_t upper = uint64_t{1} << (session::ClientMemory::bucket_bits_min + i);
    const uint64_t lower = i == 0 ? 0 : upper / 2;
    const bool last = i + 1 == buckets.size();
    uint64_t bytes = 0;
    for (const session::Client* client : buckets[i]) bytes += client->memory.bytes;
    text += fmt::format("bucket {:10}{}: tot-mem: {:10}, clients: {}\n", lower,
                        last ? "+            " : fmt::format(" - {:10}", upper - 1), bytes, buckets[i].size());
  }
  context.reply().verbatim("txt", text);
}

void debug_cluster_link(Context& context) {
  if (!session::equals_lower(context[2], "kill")) return session::reply_subcommand_error(context);
  context.fail("ERR Debug option only available for cluster mode enabled setup!");
}

}  // namespace torc::cmd
