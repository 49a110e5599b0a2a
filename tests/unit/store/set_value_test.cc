// Sets against std::set, through all their forms, under a key and loose; what several sets have in common.
#include "store/set_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "store/set_algebra.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

struct SetFixture : StoreFixture {
  EncodingLimits limits;
  ValueRules rules{&limits, &keyspace.hash_key()};

  SetEditor editor(std::string_view name) { return {rules, &database, key(name), find(name)}; }
  Entry* store(std::string_view name, const std::vector<std::string>& members, Encoding first = Encoding::intset) {
    SetBuilder set(rules, first);
    for (const std::string& member : members) set.add(SetMember(member));
    return std::move(set).move_to(database, key(name), find(name));
  }
};

std::vector<std::string> listed(const SetView& set) {
  std::vector<std::string> members;
  set.for_each([&members](const SetMember& member) { members.emplace_back(member.text()); });
  return members;
}

std::set<std::string> contents(const SetView& set) {
  const std::vector<std::string> members = listed(set);
  std::set<std::string> unique(members.begin(), members.end());
  EXPECT_EQ(unique.size(), members.size());
  EXPECT_EQ(unique.size(), set.size());
  return unique;
}

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

TEST(SetValue, a_member_is_text_and_integer) {
  EXPECT_EQ(SetMember(int64_t{-17}).text(), "-17");
  EXPECT_EQ(SetMember("-17").integer(), -17);
  EXPECT_EQ(SetMember("017").integer(), std::nullopt);
  const SetMember copy = SetMember(INT64_MIN);
  EXPECT_EQ(copy.text(), "-9223372036854775808");
}

TEST(SetValue, agrees_with_a_set_in_every_form) {
  SetFixture store;
  base::Random random(11);
  for (int round = 0; round < 30; ++round) {
    store.limits.set_intset_entries = static_cast<int64_t>(random.below(40));
    store.limits.set_listpack_entries = static_cast<int64_t>(random.below(40));
    store.store("k", {});
    std::set<std::string> model;
    for (int step = 0; step < 400; ++step) {
      SetEditor set = store.editor("k");
      std::string member = std::to_string(static_cast<int64_t>(random.below(60)) - 20);
      if (random.below(10) == 0) member = "text " + member + std::string(random.below(90), 'x');
      if (random.below(20) == 0) member = "";
      if (random.below(3) != 0) {
        ASSERT_EQ(set.add(SetMember(member)), model.insert(member).second);
      } else {
        ASSERT_EQ(set.remove(SetMember(member)), model.erase(member) != 0);
      }
      const SetView view(*store.find("k"));
      ASSERT_EQ(view.contains(SetMember(member)), model.contains(member));
      ASSERT_EQ(contents(view), model);
      if (model.empty()) continue;
      const SetMember chosen = view.random(random);
      ASSERT_TRUE(model.contains(std::string(chosen.text())));
    }
  }
}

TEST(SetValue, takes_the_forms_that_redis_takes) {
  SetFixture store;
  EXPECT_EQ(store.store("k", numbers(0, 512))->encoding(), Encoding::intset);
  EXPECT_EQ(store.store("k", numbers(0, 513))->encoding(), Encoding::hashtable);
  std::vector<std::string> members = numbers(0, 127);
  members.push_back("text");
  EXPECT_EQ(store.store("k", members)->encoding(), Encoding::listpack);
  // In order: what the intset had, then what came later.
  EXPECT_EQ(listed(SetView(*store.find("k"))).back(), "text");
  EXPECT_EQ(listed(SetView(*store.find("k"))).front(), "0");
  members.push_back("more");
  EXPECT_EQ(store.store("k", members)->encoding(), Encoding::hashtable);
  EXPECT_EQ(store.store("k", {std::string(64, 'x')})->encoding(), Encoding::listpack);
  EXPECT_EQ(store.store("k", {std::string(65, 'x')})->encoding(), Encoding::hashtable);
  store.limits.set_listpack_value_bytes = 3;
  EXPECT_EQ(store.store("k", {"-999", "x"})->encoding(), Encoding::hashtable);
  EXPECT_EQ(store.store("k", {"999", "x"})->encoding(), Encoding::listpack);
}

TEST(SetValue, a_builder_begins_in_the_form_for_what_is_to_come) {
  SetFixture store;
  const auto first = [&](std::string_view member, size_t members) {
    return SetBuilder(store.rules, SetMember(member), members).view().encoding();
  };
  EXPECT_EQ(first("1", 512), Encoding::intset);
  EXPECT_EQ(first("1", 513), Encoding::hashtable);
  EXPECT_EQ(first("x", 128), Encoding::listpack);
  EXPECT_EQ(first("x", 129), Encoding::hashtable);
  store.store("k", {"x"});
  store.editor("k").expect(128);
  EXPECT_EQ(store.find("k")->encoding(), Encoding::listpack);
  store.editor("k").expect(129);
  EXPECT_EQ(store.find("k")->encoding(), Encoding::hashtable);
}

TEST(SetValue, new_members_are_added_by_the_same_rules) {
  SetFixture store;
  for (const char* prefix : {"", "m"}) {
    for (const Encoding form : {Encoding::intset, Encoding::listpack}) {
      SetBuilder searched(store.rules, form), unsearched(store.rules, form);
      for (const std::string& number : numbers(-5, 600)) {
        const std::string member = prefix + number;
        searched.add(SetMember(member));
        unsearched.add_new(SetMember(member));
        ASSERT_EQ(unsearched.view().encoding(), searched.view().encoding()) << member;
      }
      EXPECT_EQ(contents(unsearched.view()), contents(searched.view()));
    }
  }
}

TEST(SetValue, a_block_is_written_whatever_the_limits_are) {
  SetFixture store;
  store.limits.set_intset_entries = store.limits.set_listpack_entries = store.limits.set_listpack_value_bytes = 1;
  for (const Encoding form : {Encoding::intset, Encoding::listpack}) {
    SetBuilder set(store.rules, form);
    for (const char* member : {"-3", "40", "70000"}) set.add_to_block(SetMember(member));
    EXPECT_EQ(set.view().encoding(), form);
    EXPECT_EQ(listed(set.view()), (std::vector<std::string>{"-3", "40", "70000"}));
  }
}

TEST(SetValue, becomes_an_intset_only_if_it_can) {
  SetFixture store;
  SetBuilder set(store.rules, Encoding::listpack);
  for (const char* member : {"5", "-3", "4"}) set.add(SetMember(member));
  set.become_intset_if_possible();
  EXPECT_EQ(set.view().encoding(), Encoding::intset);
  EXPECT_EQ(listed(set.view()), (std::vector<std::string>{"-3", "4", "5"}));
  set.add(SetMember("x"));
  set.become_intset_if_possible();
  EXPECT_EQ(set.view().encoding(), Encoding::listpack);
}

TEST(SetValue, a_copy_is_independent) {
  SetFixture store;
  std::vector<std::string> members = numbers(0, 2000);
  Entry* entry = store.store("k", members);
  store.database.copy_to(*entry, store.database, store.key("copy"));
  for (int i = 0; i < 1990; ++i) ASSERT_TRUE(store.editor("k").remove(SetMember(int64_t{i})));
  EXPECT_EQ(SetView(*store.find("k")).size(), 10u);
  EXPECT_EQ(contents(SetView(*store.find("copy"))), std::set<std::string>(members.begin(), members.end()));
}

TEST(SetAlgebra, agrees_with_the_standard_library) {
  SetFixture store;
  base::Random random(5);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::set<std::string>> models(1 + random.below(4));
    std::vector<std::string> names;
    for (size_t i = 0; i < models.size(); ++i) {
      const size_t size = random.below(3) == 0 ? 700 : 1 + random.below(50);
      const bool integers = random.below(2) == 0;
      for (size_t j = 0; j < size; ++j) {
        models[i].insert((integers ? "" : "m") + std::to_string(random.below(size + 20)));
      }
      names.push_back("s" + std::to_string(i));
      store.store(names[i], {models[i].begin(), models[i].end()});
    }
    std::vector<SetView> views;
    for (const std::string& name : names) views.emplace_back(*store.find(name));
    std::set<std::string> all = models[0], common = models[0], first_only = models[0];
    for (size_t i = 1; i < models.size(); ++i) {
      all.insert(models[i].begin(), models[i].end());
      std::erase_if(common, [&](const std::string& member) { return !models[i].contains(member); });
      std::erase_if(first_only, [&](const std::string& member) { return models[i].contains(member); });
    }
    ASSERT_EQ(contents(united(store.rules, views).view()), all);
    ASSERT_EQ(contents(intersection(store.rules, views).view()), common);
    ASSERT_EQ(contents(difference(store.rules, views[0], std::span(views).subspan(1)).view()), first_only);
  }
}

TEST(SetAlgebra, an_intersection_stops_when_it_is_told_to) {
  SetFixture store;
  std::vector<std::string> members;
  for (int i = 0; i < 1000; ++i) members.push_back("m" + std::to_string(i));
  store.store("a", members);
  store.store("b", members);
  const SetView views[] = {SetView(*store.find("a")), SetView(*store.find("b"))};
  size_t seen = 0;
  intersect(views, [&seen](const SetMember&) { return ++seen != 5; });
  EXPECT_EQ(seen, 5u);
}

TEST(SetAlgebra, results_have_the_forms_of_redis) {
  SetFixture store;
  std::vector<std::string> large = numbers(0, 600);
  store.store("large", large);
  store.store("few", {"text", "1", "2", "3"});
  store.store("integers", {"3", "1"});
  const SetView views[] = {SetView(*store.find("large")), SetView(*store.find("few")),
                           SetView(*store.find("integers"))};
  EXPECT_EQ(intersection(store.rules, std::span(views).first(2)).view().encoding(), Encoding::intset);
  EXPECT_EQ(united(store.rules, std::span(views).subspan(1)).view().encoding(), Encoding::listpack);
  EXPECT_EQ(united(store.rules, views).view().encoding(), Encoding::hashtable);
  EXPECT_EQ(difference(store.rules, views[1], std::span(views).subspan(2)).view().encoding(), Encoding::listpack);
  EXPECT_EQ(difference(store.rules, views[0], std::span(views).first(1)).size(), 0u);
}

}  // namespace
}  // namespace torc::store
