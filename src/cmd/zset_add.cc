// Adding members and changing scores: ZADD ZINCRBY. All scores are read before anything changes, so that an error
// leaves the set as it was.
#include <array>
#include <vector>

#include "base/parse_number.h"
#include "cmd/zset_parts.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;
using session::equals_lower;
using store::ZsetAdded;
using What = store::ZsetAdded::What;
using Arguments = std::span<const std::string_view>;

struct AddRequest {
  store::ZsetAddRule rule;
  bool counts_changes = false;  // CH
  size_t first = 2;             // the argument that is the first score
  size_t members = 0;
};

// True for an option's name.
bool take_option(std::string_view text, AddRequest* request) {
  store::ZsetAddRule& rule = request->rule;
  if (text.size() < 2 || text.size() > 4) return false;
  for (const auto& [name, flag] : {std::pair{std::string_view("nx"), &rule.only_new},
                                   {"xx", &rule.only_present},
                                   {"ch", &request->counts_changes},
                                   {"incr", &rule.increment},
                                   {"gt", &rule.only_greater},
                                   {"lt", &rule.only_less}}) {
    if (equals_lower(text, name)) return *flag = true;
  }
  return false;
}

bool parse_add(Context& context, Arguments arguments, AddRequest* request) {
  while (request->first < arguments.size() && take_option(arguments[request->first], request)) ++request->first;
  const size_t rest = arguments.size() - request->first;
  if (rest == 0 || rest % 2 != 0) return context.fail(session::errors::syntax);
  request->members = rest / 2;
  const store::ZsetAddRule& rule = request->rule;
  if (rule.only_new && rule.only_present) {
    return context.fail("ERR XX and NX options at the same time are not compatible");
  }
  if (rule.only_new + rule.only_greater + rule.only_less > 1) {
    return context.fail("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  if (rule.increment && request->members > 1) {
    return context.fail("ERR INCR option supports a single increment-element pair");
  }
  return true;
}

// The scores of a request; the heap is not needed for a few.
class Scores {
 public:
  bool parse(Context& context, Arguments arguments, const AddRequest& request) {
    if (request.members > few_.size()) many_.resize(request.members);
    double* const scores = many_.empty() ? few_.data() : many_.data();
    for (size_t i = 0; i < request.members; ++i) {
      const auto score = base::parse_double(arguments[request.first + i * 2]);
      if (!score) return context.fail(session::errors::not_float);
      scores[i] = *score;
    }
    return true;
  }
  [[nodiscard]] double operator[](size_t i) const noexcept { return many_.empty() ? few_[i] : many_[i]; }

 private:
  std::array<double, 8> few_;
  std::vector<double> many_;
};

// What became of the members.
struct Tally {
  int64_t added = 0, updated = 0;
  ZsetAdded last{What::skipped};
};

Tally add_all(Arguments arguments, const AddRequest& request, const Scores& scores, store::ZsetEditor& editor) {
  Tally tally;
  for (size_t i = 0; i < request.members; ++i) {
    tally.last = editor.add(request.rule, scores[i], arguments[request.first + i * 2 + 1]);
    tally.added += tally.last.what == What::added;
    tally.updated += tally.last.what == What::updated;
  }
  return tally;
}

void reply_tally(Context& context, const AddRequest& request, const Tally& tally) {
  if (!request.rule.increment) {
    return context.reply().integer(request.counts_changes ? tally.added + tally.updated : tally.added);
  }
  if (tally.last.what == What::nan) return context.reply().error("ERR resulting score is not a number (NaN)");
  tally.last.what == What::skipped ? context.reply().null() : context.reply().number(tally.last.score);
}

// True if anything changed.
bool add(Context& context, Arguments arguments, AddRequest request) {
  Scores scores;
  if (!parse_add(context, arguments, &request) || !scores.parse(context, arguments, request)) return false;
  const store::KeyRef key = context.key(1);
  store::Entry* const entry = context.write(key);
  if (!context.require_type(entry, store::Type::zset)) return false;
  if (!entry && request.rule.only_present) {
    reply_tally(context, request, {});
    return false;
  }
  store::ZsetEditor editor = zset_editor(context, key, entry);
  if (entry) {
    editor.expect(request.members);
  } else {
    editor.create(request.members, arguments[request.first + 1].size());
    context.added(key.bytes);
  }
  const Tally tally = add_all(arguments, request, scores, editor);
  reply_tally(context, request, tally);
  if (tally.added + tally.updated == 0) return false;
  context.touched(key.bytes);
  context.notify(session::event_zset, request.rule.increment ? "zincr" : "zadd", key.bytes);
  context.add_dirty(tally.added + tally.updated);
  return true;
}

void zadd(Context& context) { zset_add(context, context.arguments()); }

void zincrby(Context& context) { add(context, context.arguments(), {.rule = {.increment = true}}); }

constexpr session::CommandRow rows[] = {
    {.name = "zadd",
     .handler = zadd,
     .arity = -4,
     .flags = "write denyoom fast",
     .keys = "RW UPDATE @1 range 0 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "1.2.0",
     .complexity = "O(log(N)) for each member",
     .summary = "Adds members to a sorted set, or changes their scores. Creates the key if it does not exist.",
     .arguments = "key:key condition=[(NX|XX)]@3.0.2 comparison=[(GT|LT)]@6.2.0 change=[CH]@3.0.2 "
                  "increment=[INCR]@3.0.2 data=(score:double member)...",
     .history = "2.4.0=Takes several members.;3.0.2=Added the `XX`, `NX`, `CH` and `INCR` options.;6.2.0=Added the "
                "`GT` and `LT` options.",
     .element_argument = 3},
    {.name = "zincrby",
     .handler = zincrby,
     .arity = 4,
     .flags = "write denyoom fast",
     .keys = "RW ACCESS UPDATE @1 range 0 1 0",
     .acl = "sortedset",
     .group = "sorted-set",
     .since = "1.2.0",
     .complexity = "O(log(N))",
     .summary = "Adds to the score of a member of a sorted set.",
     .arguments = "key:key increment:integer member",
     .element_argument = 3},
};

}  // namespace

bool zset_add(Context& context, std::span<const std::string_view> arguments) { return add(context, arguments, {}); }

std::span<const session::CommandRow> zset_add_rows() { return rows; }

}  // namespace torc::cmd
