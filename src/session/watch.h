// WATCH: which clients watch which keys. The write gate asks for every changed key, so the common case (nobody watches
// anything) is one test.
//
// A key that was overdue, but not yet deleted, when it was watched counts as absent: its deletion is no change for that
// watcher, and it does not make EXEC fail for having expired.
//
// A client whose EXEC will fail is not told again: when a key changes (not with its whole database), those that it
// fails for watch that key no longer. So a key that thousands watch and one changes all the time is expensive once.
// What else such a client watches stays until it ends its transaction, because it may be very much. Both sides know
// their place at the other, so that an end costs as much as the client has keys, however many others watch them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "session/client.h"

namespace torc::session {

class WatchTable {
 public:
  explicit WatchTable(const base::HashKey& hash_key) : hash_key_(hash_key) {}

  // Watches key for client unless it does already. overdue: the key is past its deadline, but was not deleted yet.
  void watch(Client* client, size_t database, std::string_view key, bool overdue);
  // Forgets all keys of the client and clears its dirty_watch.
  void unwatch_all(Client* client);
  [[nodiscard]] bool empty() const noexcept { return keys_ == 0; }
  [[nodiscard]] size_t keys() const noexcept { return keys_; }
  // Clients that watch something, and whose EXEC would not fail (INFO's watching_clients).
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
  struct Hash {
    using is_transparent = void;
    base::HashKey key;  // clients choose the names
    size_t operator()(std::string_view watched) const noexcept { return base::siphash13(key, watched); }
  };
  // By key; its nodes are WatchedNode.
  using Watched = std::unordered_map<std::string, std::vector<Watcher>, Hash, std::equal_to<>>;
  [[nodiscard]] Watched& watched_in(size_t database);
  [[nodiscard]] static bool watches(const Client& client, const WatchedNode& node);
  static void drop_watcher(std::vector<Watcher>& watchers, size_t position) noexcept;
  void drop_if_unwatched(size_t database, const WatchedNode& node);
  void fail(Client* client) noexcept;
  void mark(Watcher& watcher, State before, State after) noexcept;

  base::HashKey hash_key_;
  std::vector<Watched> databases_;  // up to the last one in which a key was watched
  size_t keys_ = 0, clients_ = 0;
};

template <class Overdue>
bool WatchTable::watches_overdue(const Client& client, Overdue overdue) const {
  for (const WatchedKey& watched : client.watched) {
    if (!watched.node || watched.node->second[watched.position].overdue) continue;
    if (overdue(watched.database, std::string_view(watched.node->first))) return true;
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
