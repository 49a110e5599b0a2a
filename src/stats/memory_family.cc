// MEMORY: the figures of the process, and of one key.
#include "stats/memory_family.h"

#include <string>

#include <fmt/format.h>

#include "base/memory.h"
#include "session/context.h"
#include "session/help.h"
#include "session/registry.h"
#include "session/session.h"
#include "stats/memory_overview.h"

namespace torc::stats {

namespace {

using session::CommandRow;
using session::Context;

constexpr size_t slot_bytes = 8;  // what refers to an entry in its table

// A value is one allocation, or an allocation and a blob, so that nothing needs to be sampled; the option is checked
// all the same.
bool check_samples(Context& context) {
  for (size_t i = 3; i < context.size(); ++i) {
    if (!session::equals_lower(context[i], "samples") || i + 1 == context.size()) {
      return context.fail(session::errors::syntax);
    }
    const auto count = context.integer(++i);
    if (!count) return false;
    if (*count < 0) return context.fail(session::errors::syntax);
  }
  return true;
}

// Of overdue keys too, and without touching the key.
void usage(Context& context) {
  if (!check_samples(context)) return;
  const store::Entry* entry = context.database().find(context.key(2));
  if (!entry) return context.reply().null();
  context.reply().integer(static_cast<int64_t>(entry->memory_bytes() + slot_bytes));
}

class StatsReply {
 public:
  explicit StatsReply(resp::Reply* reply) : reply_(reply), mark_(reply->defer()) {}
  void number(std::string_view name, uint64_t value) { difference(name, static_cast<int64_t>(value)); }
  void difference(std::string_view name, int64_t value) {
    reply_->bulk(name);
    reply_->integer(value);
    ++pairs_;
  }
  void fraction(std::string_view name, double value) {
    reply_->bulk(name);
    reply_->number(value);
    ++pairs_;
  }
  void database(const DatabaseOverhead& overhead) {
    reply_->bulk(fmt::format("db.{}", overhead.database));
    reply_->map(3);
    reply_->bulk("overhead.hashtable.main");
    reply_->integer(static_cast<int64_t>(overhead.table_bytes));
    reply_->bulk("overhead.hashtable.expires");
    reply_->integer(static_cast<int64_t>(overhead.expires_bytes));
    reply_->bulk("overhead.hashtable.slot-to-keys");
    reply_->integer(0);
    ++pairs_;
  }
  void end() { reply_->end_map(mark_, pairs_); }

 private:
  resp::Reply* reply_;
  resp::Output::Mark mark_;
  size_t pairs_ = 0;
};

void reply_allocator(StatsReply& out, const MemoryOverview& memory) {
  out.number("allocator.allocated", memory.used);
  out.number("allocator.active", memory.allocator_held);
  out.number("allocator.resident", memory.allocator_held);
  out.fraction("allocator-fragmentation.ratio", ratio(memory.allocator_held, memory.used));
  out.difference("allocator-fragmentation.bytes", difference(memory.allocator_held, memory.used));
  out.fraction("allocator-rss.ratio", 1);
  out.difference("allocator-rss.bytes", 0);
  out.fraction("rss-overhead.ratio", ratio(memory.resident, memory.allocator_held));
  out.difference("rss-overhead.bytes", difference(memory.resident, memory.allocator_held));
  out.fraction("fragmentation", ratio(memory.resident, memory.used));
  out.difference("fragmentation.bytes", difference(memory.resident, memory.used));
}

void stats(Context& context) {
  const MemoryOverview memory = context.module<MemoryGauge>().overview();
  StatsReply out(&context.reply());
  out.number("peak.allocated", memory.peak);
  out.number("total.allocated", memory.used);
  out.number("startup.allocated", memory.startup);
  out.number("replication.backlog", 0);
  out.number("clients.slaves", 0);
  out.number("clients.normal", memory.clients);
  for (const std::string_view absent : {"cluster.links", "aof.buffer", "lua.caches", "functions.caches"}) {
    out.number(absent, 0);
  }
  for (const DatabaseOverhead& overhead : memory.databases) out.database(overhead);
  out.number("overhead.total", memory.overhead);
  out.number("keys.count", memory.keys);
  out.number("keys.bytes-per-key", memory.bytes_per_key());
  out.number("dataset.bytes", memory.dataset());
  out.fraction("dataset.percentage", memory.dataset_percent());
  out.fraction("peak.percentage", memory.peak_percent());
  reply_allocator(out, memory);
  out.end();
}

void doctor(Context& context) {
  const auto& gauge = context.module<MemoryGauge>();
  context.reply().verbatim("txt", memory_report(gauge.overview(), context.session().clients()));
}

// Entries are moved together in slices from now on; what is empty already is given back at once.
void purge(Context& context) {
  context.session().keyspace().start_compaction();
  base::collect(true);
  context.reply().ok();
}

void malloc_stats(Context& context) { context.reply().verbatim("txt", base::allocator_report()); }

void help(Context& context) {
  session::reply_help(context, {"DOCTOR",
                                "    Tell what seems to be wrong with the use of memory.",
                                "MALLOC-STATS",
                                "    Tell the allocator's own figures.",
                                "PURGE",
                                "    Give back to the system what is not in use.",
                                "STATS",
                                "    Tell what the memory is used for.",
                                "USAGE <key> [SAMPLES <count>]",
                                "    Tell how many bytes the key takes with its value. Of a value with parts, <count>",
                                "    of them are looked at (5 if not given, 0 for all)."});
}

constexpr std::string_view special = "nondeterministic_output;request_policy:all_shards;response_policy:special";

constexpr auto row = [](std::string_view name, session::Handler handler, auto... columns) {
  return session::brief_row("server", name, handler, 2, "", "4.0.0", columns...);
};

constexpr CommandRow rows[] = {
    {.name = "memory",
     .arity = -2,
     .group = "server",
     .since = "4.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "What the memory is used for."},
    row("memory|doctor", doctor, "O(1)", "Tells what seems to be wrong with the use of memory.", "", special),
    row("memory|malloc-stats", malloc_stats, "O(1)", "Tells the allocator's own figures.", "", special),
    row("memory|purge", purge, "Depends on how much memory is allocated", "Gives back memory that is not in use.", "",
        "request_policy:all_shards;response_policy:all_succeeded"),
    row("memory|stats", stats, "O(1)", "Tells what the memory is used for.", "", special),
    {.name = "memory|usage",
     .handler = usage,
     .arity = -3,
     .flags = "readonly",
     .keys = "RO @2 range 0 1 0",
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(N) in the number of parts looked at",
     .summary = "Tells how many bytes a key takes.",
     .arguments = "key:key [SAMPLES count:integer]"},
    {.name = "memory|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "Answers a short text about the subcommands."},
};

}  // namespace

std::span<const CommandRow> memory_rows() { return rows; }

}  // namespace torc::stats
