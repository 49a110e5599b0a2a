// Random operations on four databases and on a model of them made of std::map, compared after each step for the key
// concerned and from time to time wholly. Keys, values and deadlines come from small sets that hold the odd cases.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/parse_number.h"
#include "base/random.h"
#include "store_fixture.h"

namespace torc::store {
namespace {

struct Model {
  std::string value;
  int64_t deadline_ms = no_deadline;
  Encoding encoding = Encoding::raw;
};

Encoding encoding_of(const std::string& value) {
  if (base::parse_integer(value)) return Encoding::integer;
  return value.size() <= 44 ? Encoding::embstr : Encoding::raw;
}

class Comparison {
 public:
  explicit Comparison(uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      step();
      if (i % 5000 == 0) compare_all();
    }
    compare_all();
  }

 private:
  using Operation = void (Comparison::*)();

  std::string some_key() {
    std::string key = "key:" + std::to_string(random_.below(1500));
    uint64_t kind = random_.below(20);
    if (kind == 0) return std::string(250 + random_.below(10), 'w') + key;  // about the width limit
    if (kind == 1) return std::string(3000, 'w') + std::to_string(random_.below(20));
    if (kind == 2) return std::string(random_.below(5), '\0');
    return key;
  }

  std::string some_value() {
    switch (random_.below(8)) {
      case 0:
        return std::to_string(static_cast<int64_t>(random_.next()));
      case 1:
        return std::to_string(random_.below(100));
      case 2:
        return bytes(random_.below(60));
      case 3:
        return bytes(1000 + random_.below(50));
      case 4:
        return bytes(random_.below(6000));
      case 5:
        return random_.below(50) == 0 ? bytes(random_.below(3 << 20)) : bytes(200);
      default:
        return bytes(32);
    }
  }

  std::string bytes(size_t size) {
    std::string out(size, static_cast<char>('a' + random_.below(26)));
    if (size != 0) out[random_.below(size)] = static_cast<char>(random_.below(256));
    return out;
  }

  int64_t some_deadline() {
    return random_.below(2) ? no_deadline
                            : static_cast<int64_t>(now_ms_ + random_.below(random_.below(2) ? 50 : 5'000'000));
  }

  void step() {
    static constexpr Operation operations[] = {
        &Comparison::set,        &Comparison::set,        &Comparison::set,         &Comparison::erase,
        &Comparison::append,     &Comparison::set_range,  &Comparison::set_integer, &Comparison::set_deadline,
        &Comparison::move,       &Comparison::copy,       &Comparison::expire,      &Comparison::take_random,
        &Comparison::background, &Comparison::background, &Comparison::background};
    if (random_.below(4000) == 0) return clear_or_swap();
    index_ = random_.below(store_.keyspace.databases());
    key_ = some_key();
    (this->*operations[random_.below(std::size(operations))])();
    compare_key(index_, key_);
  }

  Database& database() { return store_.keyspace.database(index_); }
  std::map<std::string, Model>& model() { return models_[index_]; }
  Entry* entry() { return store_.find(key_, index_); }

  void set() {
    Model made{some_value(), some_deadline()};
    made.encoding = encoding_of(made.value);
    base::BlobRef blob;
    StringInput input{made.value};
    if (random_.below(2)) {
      blob = base::BlobRef::copy_of(made.value);
      input = {blob.view(), &blob};
    }
    database().set_string(store_.key(key_), entry(), input, made.deadline_ms);
    model()[key_] = made;
  }

  void erase() { EXPECT_EQ(store_.erase(key_, index_), model().erase(key_) == 1); }

  void append() {
    Entry* old = entry();
    if (!old) return;
    std::string more = some_value();
    hold(*old);
    database().append(store_.key(key_), old, more);
    model()[key_].value += more;
    model()[key_].encoding = Encoding::raw;
  }

  void set_range() {
    std::string piece = bytes(1 + random_.below(100));
    size_t offset = random_.below(random_.below(10) ? 100 : 5000);
    if (Entry* old = entry()) hold(*old);
    database().set_range(store_.key(key_), entry(), offset, piece);
    Model& changed = model()[key_];
    if (changed.value.size() < offset + piece.size()) changed.value.resize(offset + piece.size(), '\0');
    changed.value.replace(offset, piece.size(), piece);
    changed.encoding = Encoding::raw;
  }

  void set_integer() {
    auto value = static_cast<int64_t>(random_.next());
    database().set_integer(store_.key(key_), entry(), value);
    model()[key_].value = std::to_string(value);
    model()[key_].encoding = Encoding::integer;
  }

  void set_deadline() {
    Entry* old = entry();
    if (!old) return;
    int64_t deadline = some_deadline();
    database().set_deadline(store_.key(key_), old, deadline);
    model()[key_].deadline_ms = deadline;
  }

  void move() { transfer(true); }
  void copy() { transfer(false); }

  void transfer(bool moves) {
    Entry* old = entry();
    size_t target = random_.below(models_.size());
    std::string to = some_key();
    if (!old || models_[target].contains(to)) return;
    Database& there = store_.keyspace.database(target);
    models_[target][to] = model()[key_];
    if (moves) {
      database().move_to(store_.key(key_), old, there, store_.key(to));
      model().erase(key_);
    } else {
      database().copy_to(*old, there, store_.key(to));
    }
    compare_key(target, to);
  }

  void expire() {
    now_ms_ += static_cast<int64_t>(random_.below(20));
    int64_t last = INT64_MIN;
    while (Entry* overdue = database().first_overdue(now_ms_)) {
      std::string name(overdue->key());
      ASSERT_LE(last, overdue->deadline_ms());
      last = overdue->deadline_ms();
      ASSERT_LT(last, now_ms_);
      database().erase(store_.key(name), overdue);
      ASSERT_EQ(model().erase(name), 1u);
    }
    for (const auto& [name, entry] : model())
      ASSERT_TRUE(entry.deadline_ms == no_deadline || entry.deadline_ms >= now_ms_);
  }

  void take_random() {
    const Entry* any = database().random(random_);
    ASSERT_EQ(any == nullptr, model().empty());
    if (any) {
      ASSERT_TRUE(model().contains(std::string(any->key())));
    }
    const Entry* expiring = database().random_expiring(random_);
    ASSERT_EQ(expiring == nullptr, database().expiring_size() == 0);
    if (expiring) {
      ASSERT_EQ(model().at(std::string(expiring->key())).deadline_ms, expiring->deadline_ms());
    }
  }

  void background() {
    store_.keyspace.reclaim_some(random_.below(300));
    if (random_.below(30) == 0) store_.keyspace.start_compaction();
    store_.keyspace.compact_some(random_.below(300));
  }

  void clear_or_swap() {
    size_t first = random_.below(models_.size());
    size_t second = random_.below(models_.size());
    if (random_.below(2)) {
      store_.keyspace.database(first).clear();
      models_[first].clear();
    } else {
      store_.keyspace.swap(first, second);
      std::swap(models_[first], models_[second]);
    }
  }

  // As a reply does that is still being sent: its bytes must not change.
  void hold(const Entry& entry) {
    for (const auto& [blob, bytes] : held_) ASSERT_EQ(blob.view(), bytes);
    if (held_.size() > 5) held_.clear();
    if (entry.is_blob() && random_.below(2)) held_.emplace_back(entry.blob(), StoreFixture::text(entry));
  }

  void compare_key(size_t index, const std::string& key) {
    const Entry* entry = store_.find(key, index);
    auto expected = models_[index].find(key);
    ASSERT_EQ(entry != nullptr, expected != models_[index].end());
    if (entry) compare(*entry, expected->second);
  }

  static void compare(const Entry& entry, const Model& expected) {
    ASSERT_EQ(StoreFixture::text(entry), expected.value);
    ASSERT_EQ(entry.string_size(), expected.value.size());
    ASSERT_EQ(entry.deadline_ms(), expected.deadline_ms);
    ASSERT_EQ(entry.encoding(), expected.encoding);
    ASSERT_EQ(entry.type(), Type::string);
  }

  void compare_all() {
    for (size_t i = 0; i < models_.size(); ++i) {
      Database& database = store_.keyspace.database(i);
      ASSERT_EQ(database.size(), models_[i].size());
      size_t expiring = 0, visited = 0;
      for (const auto& [key, value] : models_[i]) expiring += value.deadline_ms != no_deadline ? 1 : 0;
      ASSERT_EQ(database.expiring_size(), expiring);
      database.for_each([&](const Entry& entry) {
        ++visited;
        auto expected = models_[i].find(std::string(entry.key()));
        ASSERT_NE(expected, models_[i].end());
        compare(entry, expected->second);
      });
      ASSERT_EQ(visited, models_[i].size());
    }
  }

  base::Random random_;
  StoreFixture store_;
  std::vector<std::map<std::string, Model>> models_{4};
  std::vector<std::pair<base::BlobRef, std::string>> held_;
  int64_t now_ms_ = 1'700'000'000'000;
  size_t index_ = 0;
  std::string key_;
};

class DatabaseModel : public testing::TestWithParam<uint64_t> {};

TEST_P(DatabaseModel, BehavesAsAMap) { Comparison(GetParam()).run(40'000); }

INSTANTIATE_TEST_SUITE_P(Seeds, DatabaseModel, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace torc::store
