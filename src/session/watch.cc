// Watchers are found by key when it changes, and by client when it forgets them.
#include "session/watch.h"

#include <algorithm>

#include "base/assert.h"
#include "session/client.h"

namespace torc::session {

WatchTable::Watched& WatchTable::watched_in(size_t database) {
  while (databases_.size() <= database) databases_.emplace_back(0, Hash{hash_key_});
  return databases_[database];
}

WatchTable::Watchers* WatchTable::watchers_of(size_t database, std::string_view key) {
  if (database >= databases_.size()) return nullptr;
  const auto found = databases_[database].find(key);
  return found == databases_[database].end() ? nullptr : &found->second;
}

void WatchTable::watch(Client* client, size_t database, std::string_view key, bool overdue) {
  const auto [place, added] = watched_in(database).try_emplace(std::string(key));
  keys_ += added;
  Watchers& watchers = place->second;
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
    Watched& keys = databases_[watched.database];
    const auto found = keys.find(watched.key);
    TORC_ASSERT(found != keys.end());
    std::erase_if(found->second, [client](const Watcher& watcher) { return watcher.client == client; });
    if (!found->second.empty()) continue;
    keys.erase(found);
    --keys_;
  }
  client->watched.clear();
}

void WatchTable::touched(size_t database, std::string_view key, bool exists) {
  Watchers* const watchers = watchers_of(database, key);
  if (!watchers) return;
  for (Watcher& watcher : *watchers) {
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

bool WatchTable::any_overdue_known(const Client& client, size_t database, const std::string& key) {
  const Watchers* const watchers = watchers_of(database, key);
  return watchers && std::ranges::any_of(*watchers, [&client](const Watcher& watcher) {
           return watcher.client == &client && watcher.overdue;
         });
}

size_t WatchTable::watched_count(const Client& client) { return client.watched.size(); }

void WatchTable::watched_at(const Client& client, size_t i, size_t* database, const std::string** key) {
  *database = client.watched[i].database;
  *key = &client.watched[i].key;
}

}  // namespace torc::session
