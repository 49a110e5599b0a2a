// Random elements of a value, for SRANDMEMBER, HRANDFIELD, ZRANDMEMBER and SPOP.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "base/random.h"
#include "session/context.h"

namespace torc::cmd {

// With a negative count an element may come any number of times, so nothing but the count bounds the reply. Redis goes
// on until its memory is used up; here it is an error before anything is written.
inline constexpr uint64_t repeated_elements_max = uint64_t{1} << 28;

struct RandomCount {
  uint64_t elements = 0;
  bool distinct = true;  // the count was not negative
};

// Argument i as such a count. nullopt: the error was replied.
[[nodiscard]] std::optional<RandomCount> random_count_argument(const session::Context& context, size_t i);
// False: more than may be replied; the error was, or the client is closed since its output buffer is limited to less.
[[nodiscard]] bool check_repeated(session::Context& context, const RandomCount& count);

// Chooses `wanted` of `population` elements that pass by one after the other, each choice as likely as any other
// (selection sampling, Knuth 3.4.2 S).
class Sampler {
 public:
  Sampler(base::Random* random, uint64_t wanted, uint64_t population) noexcept
      : random_(random), wanted_(wanted), population_(population) {}
  // Whether the next one is chosen.
  [[nodiscard]] bool take() noexcept {
    if (wanted_ == 0) return false;
    const bool taken = random_->below(population_--) < wanted_;
    wanted_ -= taken;
    return taken;
  }

 private:
  base::Random* random_;
  uint64_t wanted_, population_;
};

// How much larger than what is wanted a table must be for trying again and again to be less work than walking over it.
inline constexpr uint64_t sampling_factor = 3;

// Tells `wanted` different items of a ds::PackedTable, or of what looks like one, to visit(Item).
// wanted <= table.size().
template <class Table, class Visit>
void sample_table(Table& table, uint64_t wanted, base::Random& random, Visit&& visit) {
  if (wanted * sampling_factor > table.size()) {
    Sampler sampler(&random, wanted, table.size());
    table.for_each([&](const auto& item) {
      if (sampler.take()) visit(item);
    });
    return;
  }
  // An item is where its key stands; only the empty key has no place of its own, and there is one at the most.
  struct Place {
    size_t operator()(std::string_view key) const noexcept {
      return std::hash<const void*>()(key.data()) + key.empty();
    }
  };
  struct Same {
    bool operator()(std::string_view a, std::string_view b) const noexcept {
      return a.data() == b.data() && a.size() == b.size();
    }
  };
  std::unordered_set<std::string_view, Place, Same> seen;
  while (seen.size() < wanted) {
    const auto item = table.item(table.random(random));
    if (seen.insert(item.key).second) visit(item);
  }
}

}  // namespace torc::cmd
