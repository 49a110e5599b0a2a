// Blocking: which clients wait for which keys (BLPOP, BZPOPMIN, XREAD ...), in the order in which they came, and which
// of those keys have become ready.
//
// A client that waits keeps its request (holds.cc). Whoever brings a key into being, or adds to a stream, marks the
// key; at the end of the execution unit the session takes the marked keys in order and lets the clients that wait for
// them run their commands again, from the one that came first on, until no key is marked (serving.cc). So this table
// knows neither commands nor values: a client whose command finds nothing simply waits again, behind the others, with
// the deadline that it had.
//
// The order in which keys were marked is the order in which clients are served, and for that it matters what is no
// mark: as in Redis, a key of a type that no client waits for, here or under any other name.
//
// Nobody waits nearly always, so all that is asked for every change of a key is empty().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/entry.h"

namespace torc::session {

struct Client;

// What a client waits for, beside the keys.
struct Wait {
  enum class Reply : uint8_t { null_array, null };
  store::Type type;         // what a key must be to be worth running the command again
  int64_t deadline_ms = 0;  // wall clock; 0: for ever
  Reply timeout_reply = Reply::null_array;
  bool also_when_deleted = false;  // the end of a key of the type is an answer, too (XREADGROUP)
};

// A key of a database that clients wait for.
struct AwaitedKey {
  std::map<uint64_t, Client*> waiters;  // by their places
  size_t ended_for = 0;                 // how many of them are also to hear of its end
  store::Type ended_type = store::Type::string;
  bool marked = false;
};

// The name of one. The hash is the keyspace's keyed one, so that nobody chooses keys that collide.
struct AwaitedName {
  size_t database;
  uint64_t hash;
  std::string bytes;
};

// Of a client whose command waits or is run again after it did.
struct Waiting {
  Wait wait{};
  uint64_t place = 0;  // later ones are larger
  std::vector<std::pair<const AwaitedName, AwaitedKey>*> keys;  // empty while the command runs
  uint64_t cycles = 0;                                          // that it took so far
  std::string note;                                             // what the command keeps for its next run
};

class Blocking {
 public:
  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  [[nodiscard]] size_t clients() const noexcept { return clients_; }
  // Keys that somebody waits for (INFO's total_blocking_keys), and those whose end somebody waits for, too.
  [[nodiscard]] size_t keys() const noexcept { return keys_.size(); }
  [[nodiscard]] size_t keys_with_end() const noexcept { return keys_with_end_; }

  // Clients whose waiting will end at some time.
  [[nodiscard]] size_t deadlines() const noexcept { return deadlines_.size(); }

  // The client waits, its place is the last. Client::waiting is there, with `wait` and no keys.
  void add(Client& client, size_t database, std::span<const store::KeyRef> keys);
  // It no longer does.
  void remove(Client& client);

  // The key is there, of this type, or more is in it.
  void ready(size_t database, const store::KeyRef& key, store::Type type);
  // The key changed: it is gone (no type) or of this type now.
  void changed(size_t database, const store::KeyRef& key, std::optional<store::Type> type);
  // A database is replaced or emptied. Calls types(key) for each awaited key: what it was before and will be then, no
  // type where it is not there.
  template <class Types>
  void replaced(size_t database, Types types);

  [[nodiscard]] bool any_ready() const noexcept { return !ready_.empty(); }
  // The next key to be served, no longer marked. any_ready() is asserted.
  [[nodiscard]] AwaitedName take_ready();
  [[nodiscard]] uint64_t next_place() const noexcept { return next_place_; }
  // The first to wait for the key among the places [*place, end), and its place; null if there is none.
  [[nodiscard]] Client* waiter(const AwaitedName& name, uint64_t* place, uint64_t end) const;
  // Whether anybody waits for the end of the key.
  [[nodiscard]] bool end_awaited(const AwaitedName& name) const;

  // Of those that wait: the one whose time was over first, if its time is over; null otherwise.
  [[nodiscard]] Client* first_overdue(int64_t now_ms) const;
  // When that will be; nullopt: never.
  [[nodiscard]] std::optional<int64_t> first_deadline_ms() const;

 private:
  static constexpr size_t types = static_cast<size_t>(store::Type::stream) + 1;
  struct NameView {
    size_t database;
    store::KeyRef key;
  };
  static NameView view_of(const AwaitedName& name) { return {name.database, {name.bytes, name.hash}}; }
  struct Hash {
    using is_transparent = void;
    size_t operator()(const AwaitedName& name) const noexcept { return name.hash ^ name.database; }
    size_t operator()(const NameView& name) const noexcept { return name.key.hash ^ name.database; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const AwaitedName& a, const AwaitedName& b) const noexcept {
      return a.database == b.database && a.bytes == b.bytes;
    }
    bool operator()(const NameView& a, const AwaitedName& b) const noexcept {
      return a.database == b.database && a.key.bytes == b.bytes;
    }
    bool operator()(const AwaitedName& a, const NameView& b) const noexcept { return operator()(b, a); }
  };
  using Keys = std::unordered_map<AwaitedName, AwaitedKey, Hash, Equal>;

  void mark(Keys::value_type& key);
  // Whether anybody waits for a key of the type, whatever its name.
  [[nodiscard]] bool awaited(std::optional<store::Type> type) const noexcept {
    return type && waiting_for_[static_cast<size_t>(*type)] != 0;
  }
  void add_key(Client& client, const NameView& name);

  Keys keys_;
  std::deque<AwaitedName> ready_;
  std::map<std::pair<int64_t, uint64_t>, Client*> deadlines_;  // by deadline and place
  std::array<size_t, types> waiting_for_{};                    // clients, by the type of their keys
  size_t clients_ = 0;
  size_t keys_with_end_ = 0;
  uint64_t next_place_ = 1;
};

template <class Types>
void Blocking::replaced(size_t database, Types types) {
  for (auto& key : keys_) {
    if (key.first.database != database) continue;
    const auto [before, after] = types(store::KeyRef{key.first.bytes, key.first.hash});
    const bool ends = key.second.ended_for != 0 && before != after && awaited(before);
    if (ends || awaited(after)) mark(key);
  }
}

}  // namespace torc::session
