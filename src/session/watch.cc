// Watchers are found by key when it changes, and by client when it forgets them.
#include "session/watch.h"

#include <algorithm>

#include "session/client.h"

namespace torc::session {

void WatchTable::watch(Client* client, size_t database, std::string_view key, bool overdue) {
  std::vector<Watcher>& watchers = watchers_[{database, std::string(key)}];
  if (std::ranges::any_of(watchers, [client](const Watcher& watcher) { return watcher.client == client; })) return;
  if (client->watched.empty()) ++clients_;
  watchers.push_back({client, overdue});
  client->watched.push_back({database, std::string(key)});
}

void WatchTable::unwatch_all(Client* client) {
  client->dirty_watch = false;
  if (client->watched.empty()) return;
  --clients_;
  for (const WatchedKey& watched : client->watched) {
    const auto found = watchers_.find({watched.database, watched.key});
    if (found == watchers_.end()) continue;
    std::erase_if(found->second, [client](const Watcher& watcher) { return watcher.client == client; });
    if (found->second.empty()) watchers_.erase(found);
  }
  client->watched.clear();
}

void WatchTable::touched(size_t database, std::string_view key, bool exists) {
  const auto found = watchers_.find({database, std::string(key)});
  if (found == watchers_.end()) return;
  for (Watcher& watcher : found->second) {
    if (!watcher.overdue) {
      watcher.client->dirty_watch = true;
    } else if (!exists) {
      watcher.overdue = false;   // now it is absent for everybody; what comes next is a change
    }
  }
}

void WatchTable::mark(Watcher& watcher, State before, State after) {
  if (before == State::absent && after == State::absent) return;
  if (watcher.overdue) {
    if (after == State::absent) watcher.overdue = false;
    if (after != State::present) return;
  } else if (before == State::absent && after == State::overdue) {
    watcher.overdue = true;
    return;
  }
  watcher.client->dirty_watch = true;
}

bool WatchTable::any_overdue_known(const Client& client, size_t database, const std::string& key) const {
  const auto found = watchers_.find({database, key});
  if (found == watchers_.end()) return false;
  return std::ranges::any_of(found->second, [&client](const Watcher& watcher) {
    return watcher.client == &client && watcher.overdue;
  });
}

size_t WatchTable::watched_count(const Client& client) { return client.watched.size(); }

void WatchTable::watched_at(const Client& client, size_t i, size_t* database, const std::string** key) {
  *database = client.watched[i].database;
  *key = &client.watched[i].key;
}

}  // namespace torc::session
