// HRANDFIELD: with replacement for a negative count, otherwise different fields, chosen by walking once or by trying
// until there are enough, whichever is less work. Overdue fields are not chosen.
#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "cmd/hash_parts.h"
#include "cmd/random_sampling.h"
#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::cmd {

namespace {

using session::Context;
using store::Entry;
using store::HashView;
using store::Type;

using Pair = ds::PackedTable::Item;

// A hash from which fields are to be chosen. Fields of a packed hash, which would have to be counted to be found, are
// listed first. A table is tried as it is, even if some of its fields are overdue; only if that misses so often that it
// is as much work as walking over a part of the table, what is to be seen of it is listed, too.
class Fields {
 public:
  explicit Fields(const HashView& hash) : hash_(hash), hides_(hash.hides()) {
    if (hash.object()) {
      misses_left_ = misses_min + hash.object()->table().size() / misses_share;
    } else {
      list();
    }
  }

  [[nodiscard]] uint64_t size() const { return hash_.object() ? hash_.size() : listed_.size(); }
  [[nodiscard]] Pair random(base::Random& random) {
    if (listed_.empty()) {
      if (const auto found = tried(random)) return *found;
      list();
    }
    return listed_[random.below(listed_.size())];
  }
  template <class Visit>
  void sample(uint64_t count, base::Random& random, Visit&& visit) {
    if (hash_.object()) return sample_table(*this, count, random, visit);
    Sampler sampler(&random, count, listed_.size());
    for (const Pair& pair : listed_)
      if (sampler.take()) visit(pair);
  }

  // What sample_table() asks for besides.
  [[nodiscard]] static Pair item(const Pair& pair) { return pair; }
  template <class Visit>
  void for_each(Visit&& visit) const {
    hash_.for_each([&visit](std::string_view field, std::string_view value) { visit(Pair{field, value}); });
  }

 private:
  static constexpr uint64_t misses_min = 64, misses_share = 16;

  [[nodiscard]] std::optional<Pair> tried(base::Random& random) {
    const ds::PackedTable& table = hash_.object()->table();
    for (; misses_left_ != 0; --misses_left_) {
      const Pair pair = table.item(table.random(random));
      if (!hides_ || hash_.shows(pair.key)) return pair;
    }
    return std::nullopt;
  }
  void list() {
    listed_.reserve(hash_.size());
    for_each([this](const Pair& pair) { listed_.push_back(pair); });
  }

  HashView hash_;
  bool hides_;
  uint64_t misses_left_ = 0;  // by all choices together
  std::vector<Pair> listed_;
};

// RESP3 has an array for each pair, RESP2 one for all.
void reply_pair(Context& context, const Pair& pair, bool with_values) {
  if (with_values && context.reply().protocol() > 2) context.reply().array(2);
  context.reply().bulk(pair.key);
  if (with_values) context.reply().bulk(pair.value);
}

void reply_fields(Context& context, Fields& fields, const RandomCount& count, bool with_values) {
  base::Random& random = context.session().random();
  const bool repeated = !count.distinct || count.elements == 1;
  const uint64_t replied = repeated ? count.elements : std::min(count.elements, fields.size());
  context.reply().array(with_values && context.reply().protocol() == 2 ? 2 * replied : replied);
  if (repeated) {
    for (uint64_t i = 0; i < replied && !context.reply().overflown(); ++i) {
      reply_pair(context, fields.random(random), with_values);
    }
    return;
  }
  fields.sample(replied, random, [&](const Pair& pair) { reply_pair(context, pair, with_values); });
}

void random_fields(Context& context) {
  const auto count = random_count_argument(context, 2);
  if (!count) return;
  const bool with_values = context.size() == 4 && session::equals_lower(context[3], "withvalues");
  if (context.size() > 4 || (context.size() == 4 && !with_values)) {
    return context.reply().error(session::errors::syntax);
  }
  if (with_values && count->elements > std::numeric_limits<int64_t>::max() / 2) {
    return context.reply().error("ERR value is out of range");
  }
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_any_overdue_on_read(context, context.key(1), entry);
  if (!entry || count->elements == 0) return context.reply().array(0);
  if (!check_repeated(context, *count)) return;
  Fields fields(hash_view(context, *entry));
  if (fields.size() == 0) return context.reply().array(0);
  reply_fields(context, fields, *count, with_values);
}

std::string_view random_field_of(const ds::PackedPairs& pairs, base::Random& random) {
  auto position = pairs.first();
  for (uint64_t before = random.below(pairs.size()); before > 0; --before) position = pairs.at(position).next;
  return pairs.at(position).field;
}

void hrandfield(Context& context) {
  if (context.size() > 2) return random_fields(context);
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_any_overdue_on_read(context, context.key(1), entry);
  if (!entry) return context.reply().null();
  const HashView hash = hash_view(context, *entry);
  if (hash.size() == 0) return context.reply().null();
  if (!hash.object()) return context.reply().bulk(random_field_of(hash.pairs(), context.session().random()));
  Fields fields(hash);
  context.reply().bulk(fields.random(context.session().random()).key);
}

constexpr session::CommandRow rows[] = {
    hash_row("hrandfield", hrandfield, -2, "readonly", "RO ACCESS @1 range 0 1 0", "6.2.0",
             "O(N) in the number of fields that are returned", "Returns random fields of a hash.",
             "key:key options=[count:integer [WITHVALUES]]", "nondeterministic_output"),
};

}  // namespace

std::span<const session::CommandRow> hash_random_rows() { return rows; }

}  // namespace torc::cmd
