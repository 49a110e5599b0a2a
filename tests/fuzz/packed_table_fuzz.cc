// A packed table, of keys or of pairs, under operations that the input chooses, against std::map: growth and shrinking
// by whole runs of items, items too long for their chunk, a crowd whose hashes end alike, and a scan that goes on
// meanwhile and must see all that stays.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "ds/packed_table.h"
#include "input.h"

namespace {

using torc::ds::PackedTable;
using torc::fuzz::Input;
using torc::fuzz::require;

constexpr torc::base::HashKey hash_key{1, 2};

constexpr size_t plain_names = 4096, crowd_names = 128;

// Too many bytes for one chunk, all with the same last ten bits of their hashes.
std::vector<std::string> make_crowd() {
  std::vector<std::string> crowd;
  for (uint64_t number = 0; crowd.size() < crowd_names; ++number) {
    const std::string text = std::to_string(number) + std::string(200, 'z');
    if (torc::base::siphash13(hash_key, text) % 1024 == 0) crowd.push_back(text);
  }
  return crowd;
}

struct Run {
  explicit Run(Input& given)
      : input(given),
        pairs(given.byte() & 1),
        table(pairs ? PackedTable::Kind::pairs : PackedTable::Kind::keys, &hash_key) {}

  // Names of 1 to 300 bytes: around the limits of 254 and 255, and mostly short.
  static std::string name(size_t number) {
    static const std::vector<std::string> crowd = make_crowd();
    if (number >= plain_names) return crowd[number % crowd_names];
    std::string text = std::to_string(number);
    if (number % 64 == 0) text.append(245 + number / 64 % 16, 'x');
    if (number % 64 == 1) text.append(number % 300, 'y');
    return text;
  }
  std::string value() {
    if (!pairs) return {};
    const uint8_t choice = input.byte();
    return std::string(choice < 250 ? choice : choice * 8u, static_cast<char>(choice));
  }
  void insert(const std::string& key) {
    const uint64_t hash = table.hash(key);
    if (table.find(hash, key)) return require(model.contains(key));
    require(!model.contains(key));
    model[key] = value();
    table.insert(hash, key, model[key]);
  }
  void erase(const std::string& key) {
    const auto position = table.find(key);
    require(bool(position) == (model.erase(key) == 1));
    if (position) table.erase(position);
    to_be_seen.erase(key);
  }
  void run_of(void (Run::*step)(const std::string&)) {
    const size_t first = input.below(plain_names + crowd_names);
    const size_t end = first + input.byte();
    for (size_t number = first; number <= end; ++number) (this->*step)(name(number));
  }
  void change() {
    const std::string key = name(input.below(plain_names + crowd_names));
    const auto position = table.find(key);
    if (!position || !pairs) return;
    model[key] = value();
    table.set_value(position, model[key]);
  }
  void look_at(const PackedTable::Item& item) {
    const auto found = model.find(std::string(item.key));
    require(found != model.end() && found->second == item.value);
  }
  void scan() {
    if (cursor == 0) {
      for (const auto& [key, text] : model) to_be_seen.insert(key);
    }
    cursor = table.scan(cursor, [this](const PackedTable::Item& item) {
      look_at(item);
      to_be_seen.erase(std::string(item.key));
    });
    require(cursor != 0 || to_be_seen.empty());
  }
  void pick() {
    if (model.empty()) return;
    const auto item = table.item(table.random(random));
    look_at(item);
    bool seen = false;
    table.visit_near(table.hash(item.key), [&](const PackedTable::Item& near) { seen |= near.key == item.key; });
    require(seen);
  }
  void copy() {
    PackedTable made(pairs ? PackedTable::Kind::pairs : PackedTable::Kind::keys, &hash_key);
    table.copy_to(made);
    compare(made);
    while (!made.release_some(input.byte() % 8 + 1u)) {
    }
  }
  void step() {
    const uint8_t choice = input.byte() % 32;
    if (choice < 8) return run_of(&Run::insert);
    if (choice < 14) return run_of(&Run::erase);
    if (choice < 20) return change();
    if (choice < 28) return scan();
    choice < 31 ? pick() : copy();
  }
  void compare(const PackedTable& other) {
    require(other.size() == model.size());
    uint64_t seen = 0;
    other.for_each([&](const PackedTable::Item& item) {
      look_at(item);
      ++seen;
    });
    require(seen == model.size() && other.memory_bytes() <= other.memory_bytes_deep(SIZE_MAX));
    for (const auto& [key, text] : model) require(bool(other.find(key)));
  }

  Input& input;
  bool pairs;
  PackedTable table;
  std::map<std::string, std::string> model;
  torc::base::Random random{1};
  uint64_t cursor = 0;
  std::set<std::string> to_be_seen;  // by the scan that is under way
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Run run(input);
  while (!input.empty()) run.step();
  run.compare(run.table);
  return 0;
}
