// HRANDFIELD: with replacement for a negative count, otherwise different fields, chosen by walking once or by trying
// until there are enough, whichever is less work.
#include <algorithm>
#include <limits>
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

struct Pair {
  HashView::Value field, value;
};

Pair pair_of(const ds::PackedTable::Item& item) { return {{.text = item.key}, {.text = item.value}}; }

// A hash from which fields are to be chosen: a table as it is; fields of a packed hash, which would have to be counted
// to be found, and of one in which some are overdue, are listed first.
class Fields {
 public:
  explicit Fields(const HashView& hash) {
    if (hash.object() && !hash.hides()) {
      table_ = &hash.object()->table();
    } else if (hash.object()) {
      list_object(hash);
    } else {
      list_pairs(hash.pairs());
    }
  }

  [[nodiscard]] uint64_t size() const { return table_ ? table_->size() : listed_.size(); }
  [[nodiscard]] Pair random(base::Random& random) const {
    return table_ ? pair_of(table_->item(table_->random(random))) : listed_[random.below(listed_.size())];
  }
  template <class Visit>
  void sample(uint64_t count, base::Random& random, Visit&& visit) const {
    if (table_) {
      return sample_table(*table_, count, random, [&](const auto& item) { visit(pair_of(item)); });
    }
    Sampler sampler(&random, count, listed_.size());
    for (const Pair& pair : listed_)
      if (sampler.take()) visit(pair);
  }

 private:
  void list_object(const HashView& hash) {
    hash.object()->table().for_each([&](const ds::PackedTable::Item& item) {
      if (hash.shows(item.key)) listed_.push_back(pair_of(item));
    });
  }
  void list_pairs(const ds::PackedPairs& pairs) {
    pairs.for_each([this](std::string_view field, std::string_view value) {
      listed_.push_back({{.text = field}, {.text = value}});
    });
  }

  const ds::PackedTable* table_ = nullptr;
  std::vector<Pair> listed_;
};

// RESP3 has an array for each pair, RESP2 one for all.
void reply_pair(Context& context, const Pair& pair, bool with_values) {
  if (with_values && context.reply().protocol() > 2) context.reply().array(2);
  reply_value(context, pair.field);
  if (with_values) reply_value(context, pair.value);
}

void reply_fields(Context& context, const Fields& fields, const RandomCount& count, bool with_values) {
  base::Random& random = context.session().random();
  const bool repeated = !count.distinct || count.elements == 1;
  const uint64_t replied = repeated ? count.elements : std::min(count.elements, fields.size());
  context.reply().array(with_values && context.reply().protocol() == 2 ? 2 * replied : replied);
  if (repeated) {
    for (uint64_t i = 0; i < replied; ++i) reply_pair(context, fields.random(random), with_values);
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
  const Fields fields(hash_view(context, *entry));
  if (fields.size() == 0) return context.reply().array(0);
  reply_fields(context, fields, *count, with_values);
}

void hrandfield(Context& context) {
  if (context.size() > 2) return random_fields(context);
  const Entry* entry = context.read(context.key(1));
  if (!context.require_type(entry, Type::hash)) return;
  entry = drop_any_overdue_on_read(context, context.key(1), entry);
  if (!entry) return context.reply().null();
  const Fields fields(hash_view(context, *entry));
  if (fields.size() == 0) return context.reply().null();
  reply_value(context, fields.random(context.session().random()).field);
}

constexpr session::CommandRow rows[] = {
    hash_row("hrandfield", hrandfield, -2, "readonly", "RO ACCESS @1 range 0 1 0", "6.2.0",
             "O(N) in the number of fields that are returned", "Returns random fields of a hash.",
             "key:key options=[count:integer [WITHVALUES]]", "nondeterministic_output"),
};

}  // namespace

std::span<const session::CommandRow> hash_random_rows() { return rows; }

}  // namespace torc::cmd
