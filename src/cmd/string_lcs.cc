// LCS: a longest common subsequence of two strings. The algorithm is ds/common_subsequence.h's; here are the options
// and the three shapes of the reply.
#include <limits>
#include <string>

#include "cmd/string_parts.h"
#include "ds/common_subsequence.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using ds::CommonSubsequence;
using session::Context;
using store::Entry;
using store::Type;

struct Options {
  bool length = false, indices = false, match_lengths = false;
  int64_t match_bytes_min = 0;
};

bool parse_options(Context& context, Options* options) {
  for (size_t i = 3; i < context.size(); ++i) {
    if (session::equals_lower(context[i], "idx")) {
      options->indices = true;
    } else if (session::equals_lower(context[i], "len")) {
      options->length = true;
    } else if (session::equals_lower(context[i], "withmatchlen")) {
      options->match_lengths = true;
    } else if (session::equals_lower(context[i], "minmatchlen") && i + 1 < context.size()) {
      const auto bytes = context.integer(++i);
      if (!bytes) return false;
      options->match_bytes_min = *bytes;
    } else {
      return context.fail(session::errors::syntax);
    }
  }
  if (!options->length || !options->indices) return true;
  return context.fail("ERR If you want both the length and indexes, please just use IDX.");
}

// Redis refuses what its table of 32-bit cells would not fit into. Ours takes a sixteenth of that at the most; the
// bound stays, because it bounds the time as well.
bool check_sizes(Context& context, size_t a, size_t b) {
  constexpr size_t bytes_max = std::numeric_limits<uint32_t>::max() - 2;
  if (a > bytes_max || b > bytes_max) return context.fail("ERR String too long for LCS");
  const auto most = static_cast<uint64_t>(context.session().options().proto_max_bulk_bytes);
  if ((a + 1) * (b + 1) <= most / sizeof(uint32_t)) return true;
  return context.fail("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
}

void reply_runs(Context& context, const CommonSubsequence& common, const Options& options) {
  resp::Reply& reply = context.reply();
  const auto range = [&reply](uint32_t first, uint32_t size) {
    reply.array(2);
    reply.integer(first);
    reply.integer(first + size - 1);
  };
  reply.map(2);
  reply.bulk("matches");
  const auto mark = reply.defer();
  size_t runs = 0;
  common.for_each_run([&](const CommonSubsequence::Run& run) {
    if (run.size < options.match_bytes_min) return;
    ++runs;
    reply.array(options.match_lengths ? 3 : 2);
    range(run.a, run.size);
    range(run.b, run.size);
    if (options.match_lengths) reply.integer(run.size);
  });
  reply.end_array(mark, runs);
  reply.bulk("len");
  reply.integer(static_cast<int64_t>(common.size()));
}

void reply_text(Context& context, const CommonSubsequence& common, std::string_view a) {
  std::string text(common.size(), '\0');
  size_t end = text.size();
  common.for_each_run([&](const CommonSubsequence::Run& run) {
    end -= run.size;
    a.copy(text.data() + end, run.size, run.a);
  });
  context.reply().bulk(text);
}

void compare(Context& context, std::string_view a, std::string_view b) {
  Options options;
  if (!parse_options(context, &options) || !check_sizes(context, a.size(), b.size())) return;
  const auto common =
      CommonSubsequence::of(a, b, options.length ? CommonSubsequence::size_only : CommonSubsequence::with_runs);
  if (!common) {
    return context.reply().error("ERR Insufficient memory, failed allocating transient memory for LCS");
  }
  if (options.length) return context.reply().integer(static_cast<int64_t>(common->size()));
  if (options.indices) return reply_runs(context, *common, options);
  reply_text(context, *common, a);
}

void lcs(Context& context) {
  const store::KeyRef first = context.key(1);
  const bool has_first = context.read(first) != nullptr;
  const Entry* b = context.read(context.key(2));
  // The second look-up may have deleted an overdue key, which moves others.
  const Entry* a = has_first ? context.database().find(first) : nullptr;
  const auto is_string = [](const Entry* entry) { return !entry || entry->type() == Type::string; };
  if (!is_string(a) || !is_string(b)) {
    return context.reply().error("ERR The specified keys must contain string values");
  }
  store::IntegerScratch scratch_a, scratch_b;
  compare(context, a ? a->string(scratch_a) : std::string_view(), b ? b->string(scratch_b) : std::string_view());
}

constexpr session::CommandRow rows[] = {
    {.name = "lcs",
     .handler = lcs,
     .arity = -3,
     .flags = "readonly",
     .keys = "RO ACCESS @1 range 1 1 0",
     .acl = "string",
     .group = "string",
     .since = "7.0.0",
     .complexity = "O(N*M), N and M being the number of bytes of the strings.",
     .summary = "Finds a longest common subsequence of two strings.",
     .arguments = "key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]"},
};

}  // namespace

std::span<const session::CommandRow> string_lcs_rows() { return rows; }

}  // namespace torc::cmd
