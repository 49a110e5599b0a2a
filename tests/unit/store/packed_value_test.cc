// Packed values and objects in entries: they keep their bytes, deadline and access field through every change of size,
// and what they hold is freed once.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "store/database.h"
#include "store/object.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

// An object that counts how many of its kind live.
class Counted final : public Object {
 public:
  Counted(int* alive, uint64_t blocks) : alive_(alive), blocks_(blocks) { ++*alive_; }
  ~Counted() override { --*alive_; }
  [[nodiscard]] std::unique_ptr<Object> copy() const override { return std::make_unique<Counted>(alive_, blocks_); }
  [[nodiscard]] size_t memory_bytes() const noexcept override { return 1000; }
  [[nodiscard]] uint64_t blocks() const noexcept override { return blocks_; }
  bool release_some(size_t count) noexcept override {
    blocks_ -= std::min<uint64_t>(count, blocks_);
    return blocks_ == 0;
  }

 private:
  int* alive_;
  uint64_t blocks_;
};

std::string pattern(size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

TEST(PackedValue, keeps_its_bytes_through_every_change_of_size) {
  StoreFixture store;
  const KeyRef key = store.key("k");
  Entry* entry = store.database.set_packed(key, nullptr, Type::hash, Encoding::listpack, pattern(30));
  entry = store.database.set_deadline(key, entry, 5000);
  std::string held = pattern(30);
  for (size_t bytes : {31u, 1000u, 1023u, 1024u, 5000u, 70000u, 2000u, 600u, 511u, 40u, 1u, 1023u, 900u}) {
    entry = store.database.resize_packed(key, entry, bytes);
    const size_t kept = std::min(bytes, held.size());
    ASSERT_EQ(entry->packed().size(), bytes);
    ASSERT_EQ(entry->packed().substr(0, kept), std::string_view(held).substr(0, kept));
    held = pattern(bytes);
    std::memcpy(Database::packed_bytes(entry), held.data(), bytes);
    ASSERT_EQ(entry->type(), Type::hash);
    ASSERT_EQ(entry->encoding(), Encoding::listpack);
    ASSERT_EQ(entry->deadline_ms(), 5000);
    ASSERT_EQ(store.find("k"), entry);
  }
}

TEST(PackedValue, a_copy_does_not_follow_changes) {
  StoreFixture store;
  const KeyRef key = store.key("k"), other = store.key("other");
  Entry* entry = store.database.set_packed(key, nullptr, Type::set, Encoding::intset, pattern(3000));
  Entry* copy = store.database.copy_to(*entry, store.database, other);
  entry = store.database.resize_packed(key, store.find("k"), 3000);
  Database::packed_bytes(entry)[0] = 'X';
  EXPECT_EQ(copy->packed(), pattern(3000));
  EXPECT_EQ(entry->packed()[0], 'X');
}

TEST(PackedValue, splices_a_listpack) {
  StoreFixture store;
  const KeyRef key = store.key("k");
  char empty[ds::Listpack::empty_bytes];
  ds::Listpack::make_empty(empty);
  Entry* entry = store.database.set_packed(key, nullptr, Type::list, Encoding::listpack, {empty, sizeof empty});
  for (int i = 0; i < 300; ++i) {
    const std::string text = "element " + std::to_string(i);
    const ds::ListpackItem item(text);
    const auto edit = ds::Listpack(entry->packed().data()).insert(0, item.bytes());
    const auto [changed, gap] = store.database.splice(key, entry, edit);
    item.write(gap);
    entry = changed;
  }
  ASSERT_TRUE(ds::Listpack::valid(entry->packed()));
  ASSERT_EQ(ds::Listpack(entry->packed().data()).size(), 300u);
  for (int i = 299; i >= 0; --i) {
    const ds::Listpack list(entry->packed().data());
    entry = store.database.splice(key, entry, list.erase(list.first())).entry;
    ASSERT_TRUE(ds::Listpack::valid(entry->packed()));
    ASSERT_EQ(ds::Listpack(entry->packed().data()).size(), static_cast<size_t>(i));
  }
}

TEST(PackedValue, objects_are_freed_once_at_once_or_in_slices) {
  int alive = 0;
  {
    StoreFixture store;
    const KeyRef key = store.key("k"), other = store.key("other");
    Entry* entry =
        store.database.set_object(key, nullptr, Type::set, Encoding::hashtable, std::make_unique<Counted>(&alive, 3));
    store.database.copy_to(*entry, store.database, other);
    EXPECT_EQ(alive, 2);
    entry = store.database.move_to(key, store.find("k"), store.database, store.key("moved"));
    EXPECT_TRUE(entry->is_object());
    EXPECT_GT(entry->memory_bytes(), 1000u);
    store.set("moved", "text");
    EXPECT_EQ(alive, 1);
    store.erase("other");
    EXPECT_EQ(alive, 0);
    store.database.set_object(key, nullptr, Type::zset, Encoding::skiplist, std::make_unique<Counted>(&alive, 500));
    store.erase("k");
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(store.keyspace.reclaim_pending(), 1u);
    store.reclaim_all();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(store.keyspace.reclaim_pending(), 0u);
    store.database.set_object(key, nullptr, Type::zset, Encoding::skiplist, std::make_unique<Counted>(&alive, 500));
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace torc::store
