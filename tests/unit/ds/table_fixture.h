// Items, traits and invariant checks for the tests of the table.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/memory.h"
#include "base/random.h"
#include "ds/table.h"

namespace torc::ds {

struct TestItem {
  uint64_t key;
  uint64_t hash;
};

struct TestTraits {
  using Item = TestItem;
  using Key = uint64_t;
  uint64_t hash(const Item& item) const { return item.hash; }
  bool equal(const Item& item, const Key& key) const { return item.key == key; }
};

using TestTable = Table<TestTraits>;

// A good hash of a number (splitmix64).
inline uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

// Owns the items of a table whose keys are numbers.
class NumberTable {
 public:
  ~NumberTable() { clear(); }
  void clear() {
    table.clear([](TestItem* item) { base::release(item); });
  }
  bool contains(uint64_t key) const { return table.find(mixed(key), key).found; }
  void add(uint64_t key) { add(key, mixed(key)); }
  void add(uint64_t key, uint64_t hash) {
    auto* item = static_cast<TestItem*>(base::allocate(sizeof(TestItem)));
    *item = {key, hash};
    table.insert(hash, item);
  }
  bool remove(uint64_t key) { return remove(key, mixed(key)); }
  bool remove(uint64_t key, uint64_t hash) {
    const TablePosition position = table.find(hash, key);
    if (!position) return false;
    base::release(table.take(position));
    return true;
  }

  TestTable table;
};

}  // namespace torc::ds
