// WATCH: which clients watch which keys. The write gate asks for every changed key, so the common case (nobody watches
// anything) is one test.
//
// A key that was overdue, but not yet deleted, when it was watched counts as absent: its deletion is no change for that
// watcher, and it does not make EXEC fail for having expired.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"

namespace torc::session {

struct Client;

class WatchTable {
 public:
  explicit WatchTable(const base::HashKey& hash_key) : hash_key_(hash_key) {}

  // Watches key for client unless it does already. overdue: the key is past its deadline, but was not deleted yet.
  void watch(Client* client, size_t database, std::string_view key, bool overdue);
  // Forgets all keys of the client and clears its dirty_watch.
  void unwatch_all(Client* client);
  [[nodiscard]] bool empty() const noexcept { return keys_ == 0; }
  [[nodiscard]] size_t keys() const noexcept { return keys_; }
  // Clients that watch something (INFO's watching_clients).
  [[nodiscard]] size_t clients() const noexcept { return clients_; }

  // The key changed: its watchers' EXEC fails. exists: it is there after the change.
  void touched(size_t database, std::string_view key, bool exists);
  // Whether the client watches a key that became overdue since; overdue(database, key) tells.
  template <class Overdue>
  [[nodiscard]] bool watches_overdue(const Client& client, Overdue overdue);
  // The database is emptied, or replaced (SWAPDB). For each watched key: before(key), after(key) say whether it was
  // there and what will be there.
  enum class State { absent, overdue, present };
  template <class Before, class After>
  void replaced(size_t database, Before before, After after);

 private:
  struct Hash {
    using is_transparent = void;
    base::HashKey key;  // clients choose the names
    size_t operator()(std::string_view watched) const noexcept { return base::siphash13(key, watched); }
  };
  struct Watcher {
    Client* client;
    bool overdue;
  };
  using Watchers = std::vector<Watcher>;
  // By key.
  using Watched = std::unordered_map<std::string, Watchers, Hash, std::equal_to<>>;
  [[nodiscard]] Watched& watched_in(size_t database);
  // Null: nobody watches it.
  [[nodiscard]] Watchers* watchers_of(size_t database, std::string_view key);
  static void mark(Watcher& watcher, State before, State after);
  [[nodiscard]] bool any_overdue_known(const Client& client, size_t database, const std::string& key);
  static size_t watched_count(const Client& client);
  static void watched_at(const Client& client, size_t i, size_t* database, const std::string** key);

  base::HashKey hash_key_;
  std::vector<Watched> databases_;  // up to the last one in which a key was watched
  size_t keys_ = 0, clients_ = 0;
};

template <class Overdue>
bool WatchTable::watches_overdue(const Client& client, Overdue overdue) {
  for (size_t i = 0; i < watched_count(client); ++i) {
    size_t database;
    const std::string* key;
    watched_at(client, i, &database, &key);
    if (!any_overdue_known(client, database, *key) && overdue(database, std::string_view(*key))) return true;
  }
  return false;
}

template <class Before, class After>
void WatchTable::replaced(size_t database, Before before, After after) {
  if (database >= databases_.size()) return;
  for (auto& [key, watchers] : databases_[database]) {
    const State then = before(std::string_view(key)), now = after(std::string_view(key));
    for (Watcher& watcher : watchers) mark(watcher, then, now);
  }
}

}  // namespace torc::session
