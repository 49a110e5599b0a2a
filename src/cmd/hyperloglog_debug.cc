// Looking into a HyperLogLog (PFDEBUG), and trying the implementation (PFSELFTEST).
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/c_text.h"
#include "cmd/hyperloglog_parts.h"
#include "cmd/numbers.h"
#include "ds/hyperloglog.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using ds::HyperLogLog;
using session::Context;
using store::Entry;
using store::KeyRef;

// Makes the value dense if it is not. False: it is corrupt, and the error was replied.
bool make_dense(Context& context, const KeyRef& key, Entry** entry, bool* converted) {
  store::IntegerScratch scratch;
  const std::string_view value = (*entry)->string(scratch);
  *converted = !HyperLogLog::is_dense(value);
  if (!*converted) return true;
  auto registers = std::make_unique<HyperLogLog::Registers>();
  if (!HyperLogLog::merge(value, *registers)) return context.fail(corrupt_hyperloglog);
  *entry = context.database().set_raw(key, *entry, HyperLogLog::dense(value, *registers));
  context.add_dirty(1);
  return true;
}

void get_registers(Context& context, const KeyRef& key, Entry* entry) {
  bool converted = false;
  if (!make_dense(context, key, &entry, &converted)) return;
  store::IntegerScratch scratch;
  const std::string_view value = entry->string(scratch);
  context.reply().array(HyperLogLog::registers);
  for (uint32_t i = 0; i < HyperLogLog::registers; ++i) {
    context.reply().integer(HyperLogLog::dense_register(value, i));
  }
}

void decode(Context& context, const Entry& entry) {
  store::IntegerScratch scratch;
  const std::string_view value = entry.string(scratch);
  if (HyperLogLog::is_dense(value)) return context.reply().error("ERR HLL encoding is not sparse");
  context.reply().bulk(HyperLogLog::describe_runs(value));
}

void pfdebug(Context& context) {
  const KeyRef key = context.key(2);
  Entry* entry = context.write(key);
  if (!entry) return context.reply().error("ERR The specified key does not exist");
  if (!require_hyperloglog(context, entry)) return;
  store::IntegerScratch scratch;
  if (session::equals_lower(context[1], "getreg")) {
    get_registers(context, key, entry);
  } else if (session::equals_lower(context[1], "decode")) {
    decode(context, *entry);
  } else if (session::equals_lower(context[1], "encoding")) {
    context.reply().status(HyperLogLog::is_dense(entry->string(scratch)) ? "dense" : "sparse");
  } else if (session::equals_lower(context[1], "todense")) {
    bool converted = false;
    if (make_dense(context, key, &entry, &converted)) context.reply().integer(converted);
  } else {
    context.fail(fmt::format("ERR Unknown PFDEBUG subcommand '{}'", base::c_text(context[1])));
  }
}

// --- the self-test ---

// Random registers come out of a dense value as they went in. Empty when all is well, otherwise what is wrong.
std::string try_registers(base::Random& random) {
  auto registers = std::make_unique<HyperLogLog::Registers>();
  for (auto& one : *registers) one = static_cast<uint8_t>(random.below(HyperLogLog::register_max + 1));
  const std::string value = HyperLogLog::dense(HyperLogLog::empty(), *registers);
  for (uint32_t i = 0; i < registers->size(); ++i) {
    const uint8_t got = HyperLogLog::dense_register(value, i);
    if (got != (*registers)[i]) return fmt::format("Register {} should be {} but is {}", i, (*registers)[i], got);
  }
  return {};
}

// Both forms agree, and estimates are near the truth. Fewer elements than Redis tries: the server stands still for it.
std::string try_estimates(base::Random& random) {
  constexpr uint64_t elements_max = 100'000;
  const double error = 1.04 / std::sqrt(HyperLogLog::registers);
  auto registers = std::make_unique<HyperLogLog::Registers>();
  std::string sparse = HyperLogLog::empty();
  const uint64_t seed = random.next();
  uint64_t checkpoint = 1;
  bool fits = true;
  for (uint64_t i = 1; i <= elements_max; ++i) {
    const uint64_t element = i ^ seed;
    const auto mark = HyperLogLog::mark({reinterpret_cast<const char*>(&element), sizeof element});
    (*registers)[mark.index] = std::max((*registers)[mark.index], mark.value);
    if (fits) {
      constexpr size_t bytes_max = 3000;
      fits = HyperLogLog::raise_sparse(sparse, mark, bytes_max) != HyperLogLog::Outcome::too_large;
    }
    if (i != checkpoint) continue;
    const uint64_t count = HyperLogLog::count(*registers);
    if (fits && HyperLogLog::count(sparse) != count) return "dense/sparse disagree";
    const uint64_t wrong = count > i ? count - i : i - count;
    const double bound = i == 10 ? 1 : std::ceil(error * 6 * static_cast<double>(i));
    if (static_cast<double>(wrong) > bound) return fmt::format("Too big error. card:{} abserr:{}", i, wrong);
    checkpoint *= 10;
  }
  return {};
}

void pfselftest(Context& context) {
  base::Random& random = context.session().random();
  constexpr int register_rounds = 10;
  std::string problem;
  for (int i = 0; i < register_rounds && problem.empty(); ++i) problem = try_registers(random);
  if (problem.empty()) problem = try_estimates(random);
  if (problem.empty()) return context.reply().ok();
  context.reply().error(fmt::format("ERR TESTFAILED {}", problem));
}

constexpr session::CommandRow rows[] = {
    {.name = "pfdebug",
     .handler = pfdebug,
     .arity = 3,
     .flags = "write denyoom admin syscmd",
     .keys = "RW ACCESS @2 range 0 1 0",
     .acl = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Shows the inside of a HyperLogLog; for those who work on the server.",
     .arguments = "subcommand key:key"},
    {.name = "pfselftest",
     .handler = pfselftest,
     .arity = 1,
     .flags = "admin syscmd",
     .acl = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Tries the implementation of HyperLogLogs; for those who work on the server."},
};

}  // namespace

std::span<const session::CommandRow> hyperloglog_debug_rows() { return rows; }

}  // namespace torc::cmd
