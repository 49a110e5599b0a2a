// Watchers are found by key when it changes; by client when it forgets them.
#include "session/watch.h"

#include <algorithm>
#include <type_traits>

#include "base/assert.h"

namespace torc::session {

WatchTable::Watched& WatchTable::watched_in(size_t database) {
  static_assert(std::is_nothrow_move_constructible_v<Watched>, "clients know the nodes, which must stay");
  while (databases_.size() <= database) databases_.emplace_back(0, Hash{hash_key_});
  return databases_[database];
}

// Whether the client is among the node's watchers, looked for where there is less to look through.
bool WatchTable::watches(const Client& client, const WatchedNode& node) {
  if (client.watched.size() < node.second.size()) {
    return std::ranges::any_of(client.watched, [&node](const WatchedKey& watched) { return watched.node == &node; });
  }
  return std::ranges::any_of(node.second, [&client](const Watcher& watcher) { return watcher.client == &client; });
}

void WatchTable::watch(Client* client, size_t database, std::string_view key, bool overdue) {
  const auto [place, added] = watched_in(database).try_emplace(std::string(key));
  keys_ += added;
  if (watches(*client, *place)) return;
  if (client->watched.empty()) ++clients_;
  place->second.push_back({client, client->watched.size(), overdue});
  client->watched.push_back({database, &*place, place->second.size() - 1});
}

// The last one takes its place.
void WatchTable::drop_watcher(std::vector<Watcher>& watchers, size_t position) noexcept {
  const Watcher last = watchers[position] = watchers.back();
  last.client->watched[last.index].position = position;
  watchers.pop_back();
}

void WatchTable::drop_if_unwatched(size_t database, const WatchedNode& node) {
  if (!node.second.empty()) return;
  Watched& keys = databases_[database];
  keys.erase(keys.find(node.first));
  --keys_;
}

void WatchTable::unwatch_all(Client* client) {
  if (!client->watched.empty() && !client->dirty_watch) --clients_;
  client->dirty_watch = false;
  for (const WatchedKey& watched : client->watched) {
    if (!watched.node) continue;
    drop_watcher(watched.node->second, watched.position);
    drop_if_unwatched(watched.database, *watched.node);
  }
  client->watched.clear();
}

void WatchTable::fail(Client* client) noexcept {
  if (!client->dirty_watch) --clients_;
  client->dirty_watch = true;
}

void WatchTable::touched(size_t database, std::string_view key, bool exists) {
  if (database >= databases_.size()) return;
  const auto found = databases_[database].find(key);
  if (found == databases_[database].end()) return;
  std::vector<Watcher>& watchers = found->second;
  for (size_t i = 0; i < watchers.size();) {
    Watcher& watcher = watchers[i];
    if (watcher.overdue) {
      watcher.overdue = exists;   // once absent, it is so for everybody; what comes next is a change
      ++i;
      continue;
    }
    fail(watcher.client);
    watcher.client->watched[watcher.index].node = nullptr;
    drop_watcher(watchers, i);
  }
  drop_if_unwatched(database, *found);
}

void WatchTable::mark(Watcher& watcher, State before, State after) noexcept {
  if (before == State::absent && after == State::absent) return;
  if (watcher.overdue) {
    if (after == State::absent) watcher.overdue = false;
    if (after != State::present) return;
  } else if (before == State::absent && after == State::overdue) {
    watcher.overdue = true;
    return;
  }
  fail(watcher.client);
}

}  // namespace torc::session
