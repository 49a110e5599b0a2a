// An ordered index under operations that the input chooses, against a sorted vector: runs that ascend, descend and
// jump, with prefixes that decide all, some or none of the comparisons; ranks, bounds, neighbours, and ranges cut out.
#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "ds/ordered_index.h"
#include "input.h"

namespace {

using torc::fuzz::Input;
using torc::fuzz::require;

struct Item {
  uint64_t key;
};

template <unsigned prefix_shift>
struct Traits {
  using Item = ::Item;
  static uint32_t prefix(const Item& item) { return static_cast<uint32_t>(item.key >> prefix_shift); }
  static bool less(const Item& first, const Item& second) { return first.key < second.key; }
};

template <unsigned prefix_shift>
struct Run {
  using Index = torc::ds::OrderedIndex<Traits<prefix_shift>>;

  explicit Run(Input& given) : input(given) {}

  // In the model; false if the key is there, or is not.
  bool add(uint64_t key) {
    const auto place = std::ranges::lower_bound(model, key);
    if (place != model.end() && *place == key) return false;
    model.insert(place, key);
    return true;
  }
  bool remove(uint64_t key) {
    const auto place = std::ranges::lower_bound(model, key);
    if (place == model.end() || *place != key) return false;
    model.erase(place);
    return true;
  }

  void insert(uint64_t key) {
    if (!add(key)) return;
    items.push_back({key});
    index.insert(&items.back());
  }
  void erase(uint64_t key) {
    if (remove(key)) index.erase({key});
  }
  void run_of(void (Run::*one)(uint64_t)) {
    const uint64_t first = input.below(1 << 14), stride = input.byte() * 16 + 1, count = input.byte() * 2;
    const bool ascends = input.byte() & 1;
    for (uint64_t i = 0; i < count; ++i) (this->*one)((first + (ascends ? i : count - 1 - i) * stride) % (1 << 14));
  }
  uint64_t some_rank() { return input.below(model.size()); }

  void take() {
    const uint64_t rank = some_rank(), key = model[rank];
    require(index.take(rank)->key == key && remove(key));
  }
  // To a place far away, or between the same neighbours.
  void change() {
    const uint64_t rank = some_rank();
    Item* const item = index.at(rank).item();
    const uint8_t choice = input.byte();
    const uint64_t key = choice < 128 ? item->key + choice % 8 : input.below(1 << 14);
    require(item->key == model[rank]);
    if (key != item->key && !add(key)) return;
    if (key != item->key) remove(item->key);
    index.change(item, [=] { item->key = key; });
  }
  void replace() {
    const uint64_t key = model[some_rank()];
    items.push_back({key});
    index.replace({key}, &items.back());
    require(index.at(index.rank({key})).item() == &items.back());
  }
  void search() {
    const uint64_t key = input.below(1 << 14);
    const auto expected = std::ranges::lower_bound(model, key);
    const auto rank = static_cast<uint64_t>(expected - model.begin());
    const auto before = [key](const Item& item) { return item.key < key; };
    const uint32_t prefix = Traits<prefix_shift>::prefix({key});
    index.prefetch(prefix);
    require(index.rank({key}) == rank && index.count_before(before) == rank &&
            index.count_before(prefix, before) == rank);
    const auto position = index.first_not_before(prefix, before);
    require(bool(position) == (expected != model.end()));
    if (!position) return;
    require(position.item()->key == *expected && position == index.at(rank));
    const auto previous = position.previous();
    require(bool(previous) == (rank != 0) && (!previous || previous.item()->key == *(expected - 1)));
  }
  void cut() {
    const uint64_t begin = some_rank(), most = model.size() - begin;
    const uint64_t count = input.below(input.byte() % 2 == 0 ? most : std::min<uint64_t>(most, 200)) + 1;
    const auto first = model.begin() + static_cast<std::ptrdiff_t>(begin);
    index.cut(begin, begin + std::min(count, most));
    model.erase(first, first + static_cast<std::ptrdiff_t>(std::min(count, most)));
  }
  // They are of no use any more, and nothing may look at them.
  void take_cut() {
    std::array<Item*, 70> taken;
    const uint64_t before = index.cut_size();
    const size_t count = index.take_cut(std::span(taken).first(input.byte() % taken.size() + 1));
    require((count == 0) == (before == 0) && index.cut_size() == before - count);
    for (Item* const item : std::span(taken).first(count)) {
      require(!gone(*item));
      item->key = ~item->key;
    }
  }
  static bool gone(const Item& item) { return item.key >> 63 != 0; }
  void clear() {
    if (input.byte() % 8 != 0) return;
    index.clear();
    model.clear();
  }
  void step() {
    const uint8_t choice = input.byte() % 32;
    if (choice < 10) return run_of(&Run::insert);
    if (choice < 16) return run_of(&Run::erase);
    if (choice < 20) return search();
    if (model.empty()) return;
    if (choice < 24) return change();
    if (choice < 26) return take();
    if (choice < 28) return cut();
    if (choice < 30) return take_cut();
    choice < 31 ? replace() : clear();
  }
  void compare() {
    require(index.size() == model.size() && index.empty() == model.empty());
    auto position = index.first();
    for (const uint64_t key : model) {
      require(position && position.item()->key == key);
      position = position.next();
    }
    require(!position && !index.at(model.size()));
    position = index.last();
    for (auto key = model.rbegin(); key != model.rend(); ++key, position = position.previous()) {
      require(position && position.item()->key == *key);
    }
    require(!position);
  }

  Input& input;
  Index index;
  std::vector<uint64_t> model;
  std::deque<Item> items;  // all that ever were
};

template <unsigned prefix_shift>
void run(Input& input) {
  Run<prefix_shift> run(input);
  while (!input.empty() && run.items.size() < (1 << 18)) run.step();
  run.compare();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  switch (input.byte() % 3) {
    case 0:
      run<0>(input);
      break;
    case 1:
      run<6>(input);
      break;
    default:
      run<32>(input);
  }
  return 0;
}
