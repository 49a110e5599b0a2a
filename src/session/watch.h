// WATCH: which clients watch which keys. The write gate asks for every changed key, so the common case (nobody watches
// anything) is one test.
//
// A key that was overdue, but not yet deleted, when it was watched counts as absent: its deletion is no change for that
// watcher, and it does not make EXEC fail for having expired.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"

namespace torc::session {

struct Client;

class WatchTable {
 public:
  explicit WatchTable(const base::HashKey& hash_key) : watchers_(0, Hash{hash_key}) {}

  // Watches key for client unless it does already. overdue: the key is past its deadline, but was not deleted yet.
  void watch(Client* client, size_t database, std::string_view key, bool overdue);
  // Forgets all keys of the client and clears its dirty_watch.
  void unwatch_all(Client* client);
  [[nodiscard]] bool empty() const noexcept { return watchers_.empty(); }
  [[nodiscard]] size_t keys() const noexcept { return watchers_.size(); }
  // Clients that watch something (INFO's watching_clients).
  [[nodiscard]] size_t clients() const noexcept { return clients_; }

  // The key changed: its watchers' EXEC fails. exists: it is there after the change.
  void touched(size_t database, std::string_view key, bool exists);
  // Whether the client watches a key that became overdue since; overdue(database, key) tells.
  template <class Overdue>
  [[nodiscard]] bool watches_overdue(const Client& client, Overdue overdue) const;
  // The database is emptied, or replaced (SWAPDB). For each watched key: before(key), after(key) say whether it was
  // there and what will be there.
  enum class State { absent, overdue, present };
  template <class Before, class After>
  void replaced(size_t database, Before before, After after);

 private:
  struct Watched {
    size_t database;
    std::string key;
    bool operator==(const Watched&) const = default;
  };
  struct Hash {
    base::HashKey key;  // clients choose the names
    size_t operator()(const Watched& watched) const noexcept {
      return base::siphash13(key, watched.key) ^ watched.database * 0x9e3779b97f4a7c15ULL;
    }
  };
  struct Watcher {
    Client* client;
    bool overdue;
  };
  static void mark(Watcher& watcher, State before, State after);
  [[nodiscard]] bool any_overdue_known(const Client& client, size_t database, const std::string& key) const;
  static size_t watched_count(const Client& client);
  static void watched_at(const Client& client, size_t i, size_t* database, const std::string** key);

  std::unordered_map<Watched, std::vector<Watcher>, Hash> watchers_;
  size_t clients_ = 0;
};

template <class Overdue>
bool WatchTable::watches_overdue(const Client& client, Overdue overdue) const {
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
  for (auto& [watched, watchers] : watchers_) {
    if (watched.database != database) continue;
    const State then = before(std::string_view(watched.key)), now = after(std::string_view(watched.key));
    for (Watcher& watcher : watchers) mark(watcher, then, now);
  }
}

}  // namespace torc::session
