// A tree of records by id under operations that the input chooses, against std::map: runs at the end, in between and
// from the front, whole parts taken out, searches and weights.
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "ds/id_tree.h"
#include "input.h"

namespace {

using torc::ds::StreamId;
using torc::fuzz::Input;
using torc::fuzz::require;

struct Record {
  StreamId id;
  uint64_t size;
  [[nodiscard]] uint64_t weight() const { return size; }
};
using Tree = torc::ds::IdTree<Record>;
using Model = std::map<StreamId, uint64_t>;

void compare(const Tree& tree, const Model& model) {
  require(tree.size() == model.size() && tree.empty() == model.empty());
  uint64_t weight = 0;
  auto position = tree.first();
  for (const auto& [id, size] : model) {
    require(position && position->id == id && position->size == size);
    position = position.next();
    weight += size;
  }
  require(!position && tree.total_weight() == weight);
  position = tree.last();
  for (auto at = model.rbegin(); at != model.rend(); ++at, position = position.previous()) {
    require(position && position->id == at->first);
  }
  require(!position && (tree.blocks() == 0) == model.empty() && (tree.memory_bytes() == 0) == model.empty());
}

struct Run {
  explicit Run(Input& given) : input(given) {}

  // Close to each other, with more than one sequence in a millisecond.
  static StreamId id_of(uint64_t number) { return {number / 8, number % 8}; }

  void insert(uint64_t number) {
    const StreamId id = id_of(number);
    if (tree.find(id)) return require(model.contains(id));
    const uint64_t size = number % 100;
    require(tree.insert({id, size})->id == id);
    require(model.emplace(id, size).second);
  }
  void erase(uint64_t number) {
    const auto position = tree.find(id_of(number));
    require(bool(position) == (model.erase(id_of(number)) == 1));
    if (position) tree.erase(position);
  }
  void run_of(void (Run::*one)(uint64_t)) {
    const uint64_t first = input.below(1 << 14), stride = input.byte() % 16 * 37 + 1, count = input.byte() * 4;
    for (uint64_t i = 0; i < count; ++i) (this->*one)((first + i * stride) % (1 << 14));
  }
  void append() {
    const uint64_t count = input.byte() * 4;
    for (uint64_t i = 0; i < count; ++i) {
      const StreamId last = model.empty() ? StreamId() : model.rbegin()->first;
      insert(last.ms * 8 + last.sequence + 1);
    }
  }
  void erase_from_front() {
    const uint64_t count = input.byte() * 2;
    for (uint64_t i = 0; i < count && !model.empty(); ++i) {
      tree.erase(tree.first());
      model.erase(model.begin());
    }
  }
  void take() {
    const StreamId end = id_of(input.below(1 << 15));
    const auto position = tree.at_or_after(end);
    Tree taken = tree.take_before(position);
    const auto expected = model.lower_bound(end);
    compare(taken, Model(model.begin(), expected));
    model.erase(model.begin(), expected);
    compare(tree, model);
    while (taken.drop_last_leaf()) {
    }
    compare(taken, {});
  }
  void search() {
    const StreamId id = id_of(input.below(1 << 15));
    const auto lower = model.lower_bound(id), upper = model.upper_bound(id);
    const auto after = tree.at_or_after(id), before = tree.at_or_before(id);
    require(bool(after) == (lower != model.end()) && (!after || after->id == lower->first));
    require(bool(before) == (upper != model.begin()) && (!before || before->id == std::prev(upper)->first));
    require(bool(tree.find(id)) == model.contains(id));
  }
  void add_weight() {
    const auto position = tree.at_or_after(id_of(input.below(1 << 14)));
    if (!position) return;
    const uint64_t more = input.byte();
    position->size += more;
    tree.add_weight(position, static_cast<int64_t>(more));
    model[position->id] += more;
  }
  void skip_weight() {
    uint64_t weight = input.below(1 << 16) * 4, expected = weight;
    const auto position = tree.skip_weight(&weight);
    auto at = model.begin();
    for (; at != model.end() && expected != 0 && at->second <= expected; ++at) expected -= at->second;
    require(weight == expected && bool(position) == (at != model.end()) && (!position || position->id == at->first));
  }
  void drop_leaf() {
    const uint64_t before = tree.size();
    require(tree.drop_last_leaf() == !model.empty());
    for (uint64_t gone = before - tree.size(); gone > 0; --gone) model.erase(std::prev(model.end()));
  }
  void move() {
    Tree moved(std::move(tree));
    require(tree.empty());
    tree = std::move(moved);
  }
  void step() {
    const uint8_t choice = input.byte() % 32;
    if (choice < 6) return append();
    if (choice < 12) return run_of(&Run::insert);
    if (choice < 16) return run_of(&Run::erase);
    if (choice < 18) return erase_from_front();
    if (choice < 22) return search();
    if (choice < 25) return skip_weight();
    if (choice < 28) return add_weight();
    if (choice < 30) return take();
    choice == 30 ? drop_leaf() : move();
  }

  Input& input;
  Tree tree;
  Model model;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Run run(input);
  while (!input.empty() && run.model.size() < (1 << 16)) run.step();
  compare(run.tree, run.model);
  return 0;
}
