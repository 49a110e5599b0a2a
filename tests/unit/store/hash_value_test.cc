// Hashes against std::map, in both forms; deadlines of fields.
#include "store/hash_value.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

struct HashFixture : StoreFixture {
  EncodingLimits limits;
  ValueRules rules{&limits, &keyspace.hash_key()};

  HashEditor editor(std::string_view name) { return {rules, &database, key(name), find(name)}; }
  void make(std::string_view name) { HashBuilder(rules).move_to(database, key(name), find(name)); }
  HashView view(std::string_view name, int64_t now_ms = 1000) { return {*find(name), now_ms}; }
  std::string get(std::string_view name, std::string_view field, int64_t now_ms = 1000) {
    char digits[24];
    const auto value = view(name, now_ms).find(field);
    return value ? std::string(value->string(digits)) : "(none)";
  }
};

std::map<std::string, std::string> contents(const HashView& hash) {
  std::map<std::string, std::string> all;
  hash.for_each([&all](std::string_view field, std::string_view value) { all.emplace(field, value); });
  EXPECT_EQ(all.size(), hash.size());
  return all;
}

TEST(HashValue, agrees_with_a_map_in_both_forms) {
  HashFixture store;
  base::Random random(3);
  for (int round = 0; round < 30; ++round) {
    store.limits.hash_listpack_entries = static_cast<int64_t>(random.below(50));
    store.make("k");
    std::map<std::string, std::string> model;
    for (int step = 0; step < 400; ++step) {
      const std::string field = (random.below(2) == 0 ? "f" : "") + std::to_string(random.below(40));
      if (random.below(3) != 0) {
        std::string value = std::to_string(random.below(1000));
        if (random.below(30) == 0) value.append(random.below(300), 'v');
        ASSERT_EQ(store.editor("k").set(field, value), !model.contains(field));
        model[field] = value;
        ASSERT_EQ(store.get("k", field), value);
      } else {
        ASSERT_EQ(store.editor("k").remove(field), model.erase(field) != 0);
        ASSERT_EQ(store.get("k", field), "(none)");
      }
      ASSERT_EQ(contents(store.view("k")), model);
    }
  }
}

TEST(HashValue, takes_the_forms_that_redis_takes) {
  HashFixture store;
  store.make("k");
  for (int i = 0; i < 512; ++i) store.editor("k").set("f" + std::to_string(i), "v");
  EXPECT_EQ(store.find("k")->encoding(), Encoding::listpack);
  store.editor("k").set("f0", "w");
  EXPECT_EQ(store.find("k")->encoding(), Encoding::listpack);
  store.editor("k").set("g", "v");
  EXPECT_EQ(store.find("k")->encoding(), Encoding::hashtable);
  store.make("k");
  store.editor("k").set("f", std::string(64, 'v'));
  EXPECT_EQ(store.find("k")->encoding(), Encoding::listpack);
  store.editor("k").set("f", std::string(65, 'v'));
  EXPECT_EQ(store.find("k")->encoding(), Encoding::hashtable);
  EXPECT_EQ(store.get("k", "f"), std::string(65, 'v'));
}

TEST(HashValue, looks_at_what_is_to_come) {
  HashFixture store;
  store.limits.hash_listpack_entries = 2;
  store.make("k");
  const std::vector<std::string_view> two = {"a", "1", "a", "2"}, three = {"a", "1", "a", "2", "a", "3"};
  store.editor("k").expect(two);
  EXPECT_EQ(store.find("k")->encoding(), Encoding::listpack);
  store.editor("k").expect(three);
  EXPECT_EQ(store.find("k")->encoding(), Encoding::hashtable);
  store.make("k");
  const std::string longer(65, 'x');
  const std::vector<std::string_view> with_long = {"a", longer};
  store.editor("k").expect(with_long);
  EXPECT_EQ(store.find("k")->encoding(), Encoding::hashtable);
}

TEST(HashValue, a_packed_hash_takes_little_and_can_be_had_as_a_listpack) {
  HashFixture store;
  store.make("k");
  store.editor("k").set("f", "12");
  store.editor("k").set("12", "v");
  store.editor("k").set("f", "x");
  ds::ListpackBuilder expected;
  for (const char* text : {"f", "x", "12", "v"}) expected.append(std::string_view(text));
  EXPECT_EQ(listpack_of(store.view("k")), expected.block());
  EXPECT_EQ(store.find("k")->packed().size(), 8u);
}

TEST(HashValue, values_are_no_fields) {
  HashFixture store;
  store.make("k");
  store.editor("k").set("a", "b");
  EXPECT_EQ(store.get("k", "b"), "(none)");
  EXPECT_FALSE(store.editor("k").remove("b"));
  EXPECT_TRUE(store.editor("k").set("b", "a"));
}

TEST(HashValue, overdue_fields_are_not_to_be_seen) {
  HashFixture store;
  store.make("k");
  for (const char* field : {"a", "b", "c"}) store.editor("k").set(field, "v");
  HashObject& object = store.editor("k").with_deadlines();
  object.set_deadline("a", 1000);
  object.set_deadline("b", 999);
  EXPECT_EQ(store.get("k", "a", 1000), "v");
  EXPECT_EQ(store.get("k", "b", 1000), "(none)");
  EXPECT_EQ(store.view("k", 1000).size(), 2u);
  EXPECT_TRUE(store.view("k", 1000).hides());
  EXPECT_EQ(contents(store.view("k", 1001)).size(), 1u);
  EXPECT_FALSE(store.view("k", HashView::before_all_deadlines).hides());
  EXPECT_EQ(object.deadlines()->overdue_fields(1001, 10), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(object.remove("b"));
  EXPECT_TRUE(object.remove_deadline("a"));
  EXPECT_FALSE(object.remove_deadline("c"));
  EXPECT_EQ(object.deadlines(), nullptr);
}

TEST(HashValue, an_object_for_its_deadlines_only_is_small) {
  HashFixture store;
  store.limits.hash_listpack_entries = 3;
  store.make("k");
  store.editor("k").set("a", "1");
  EXPECT_TRUE(store.editor("k").with_deadlines().is_small());
  store.editor("k").set("b", "1");
  store.editor("k").set("c", "1");
  EXPECT_TRUE(store.view("k").object()->is_small());
  store.editor("k").set("d", "1");
  EXPECT_FALSE(store.view("k").object()->is_small());
  store.editor("k").remove("d");
  EXPECT_FALSE(store.view("k").object()->is_small());
  store.make("l");
  store.editor("l").set(std::string(65, 'f'), "1");
  EXPECT_FALSE(store.editor("l").with_deadlines().is_small());
}

// Deadlines of fields of many hashes, which are renamed, copied, overwritten, deleted meanwhile.
TEST(HashValue, the_database_finds_hashes_with_overdue_fields) {
  HashFixture store;
  base::Random random(21);
  std::map<std::string, std::map<std::string, int64_t>> model;
  const auto drop = [&](const std::string& name) {
    store.erase(name);
    model.erase(name);
  };
  int64_t now_ms = 1000;
  for (int step = 0; step < 6000; ++step) {
    const std::string name = "h" + std::to_string(random.below(40)), other = "h" + std::to_string(random.below(40));
    const uint64_t dice = random.below(20);
    if (dice < 12) {
      const std::string field = "f" + std::to_string(random.below(8));
      if (!store.find(name)) store.make(name);
      HashEditor hash = store.editor(name);
      hash.set(field, "v");
      model[name][field] = now_ms + static_cast<int64_t>(random.below(100));
      hash.with_deadlines().set_deadline(field, model[name][field]);
      store.database.index_fields(store.key(name), hash.home().entry());
    } else if (dice == 12) {
      drop(name);
    } else if (dice == 13 && store.find(name) && name != other) {
      drop(other);
      store.database.move_to(store.key(name), store.find(name), store.database, store.key(other));
      model[other] = std::exchange(model[name], {});
      model.erase(name);
    } else if (dice == 14 && store.find(name) && name != other) {
      drop(other);
      store.database.copy_to(*store.find(name), store.database, store.key(other));
      model[other] = model[name];
    } else if (dice == 15 && store.find(name)) {
      store.set(name, "text");
      drop(name);
    }
    ++now_ms;
    while (Entry* entry = store.database.first_with_overdue_fields(now_ms)) {
      const std::string key(entry->key());
      auto& hash = *static_cast<HashObject*>(entry->object());
      for (const std::string& field : hash.deadlines()->overdue_fields(now_ms, 3)) {
        ASSERT_LT(model.at(key).at(field), now_ms);
        model[key].erase(field);
        ASSERT_TRUE(hash.remove(field));
      }
      if (hash.size() != 0) {
        store.database.index_fields(store.key(key), entry);
      } else {
        drop(key);
      }
    }
    for (const auto& [key, fields] : model)
      for (const auto& [field, deadline_ms] : fields) ASSERT_GE(deadline_ms, now_ms);
    ASSERT_EQ(store.database.hashes_with_deadlines(), model.size());
  }
  store.database.clear();
  EXPECT_EQ(store.database.hashes_with_deadlines(), 0u);
  store.reclaim_all();
}

TEST(FieldDeadlines, agree_with_a_map) {
  StoreFixture store;
  FieldDeadlines deadlines(&store.keyspace.hash_key());
  std::map<std::string, int64_t> model;
  base::Random random(9);
  int64_t now_ms = 1000;
  for (int step = 0; step < 20000; ++step) {
    const std::string field = "f" + std::to_string(random.below(2000));
    const uint64_t dice = random.below(10);
    if (dice < 6) {
      model[field] = now_ms + static_cast<int64_t>(random.below(3000));
      deadlines.set(field, model[field]);
    } else if (dice < 8) {
      ASSERT_EQ(deadlines.remove(field), model.erase(field) != 0);
    } else {
      ++now_ms;
      for (const std::string& name : deadlines.overdue_fields(now_ms, 5)) {
        ASSERT_LT(model.at(name), now_ms);
        ASSERT_TRUE(deadlines.remove(name));
        model.erase(name);
      }
    }
    ASSERT_EQ(deadlines.size(), model.size());
    const auto found = model.find(field);
    ASSERT_EQ(deadlines.find(field), found == model.end() ? std::nullopt : std::optional(found->second));
  }
  uint64_t overdue = 0;
  for (const auto& [field, deadline_ms] : model) overdue += deadline_ms < now_ms + 500;
  EXPECT_EQ(deadlines.overdue(now_ms + 500), overdue);
  FieldDeadlines copy(&store.keyspace.hash_key());
  deadlines.copy_to(copy);
  EXPECT_EQ(copy.size(), model.size());
  EXPECT_EQ(copy.earliest_ms(), deadlines.earliest_ms());
  while (!deadlines.release_some(1)) {
  }
  EXPECT_EQ(deadlines.size(), 0u);
}

}  // namespace
}  // namespace torc::store
