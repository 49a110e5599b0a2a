// A waiter stands in the map of every key it waits for under the same place, so a client leaves all of them by one
// number, and whoever goes through the waiters of a key can go on from a place even when clients came and went between.
#include "session/blocking.h"

#include "base/assert.h"
#include "session/client.h"

namespace torc::session {

void Blocking::add_key(Client& client, const NameView& name) {
  Waiting& waiting = *client.waiting;
  auto found = keys_.find(name);
  if (found == keys_.end()) {
    found = keys_.emplace(AwaitedName{name.database, name.key.hash, std::string(name.key.bytes)}, AwaitedKey{}).first;
  }
  AwaitedKey& key = found->second;
  if (!key.waiters.emplace(waiting.place, &client).second) return;  // named twice
  waiting.keys.push_back(&*found);
  if (!waiting.wait.also_when_deleted) return;
  key.ended_type = waiting.wait.type;
  if (++key.ended_for == 1) ++keys_with_end_;
}

void Blocking::add(Client& client, size_t database, std::span<const store::KeyRef> keys) {
  Waiting& waiting = *client.waiting;
  TORC_ASSERT(waiting.keys.empty() && !keys.empty());
  waiting.place = next_place_++;
  waiting.keys.reserve(keys.size());
  for (const store::KeyRef& key : keys) add_key(client, {database, key});
  if (waiting.wait.deadline_ms != 0) deadlines_.emplace(std::pair(waiting.wait.deadline_ms, waiting.place), &client);
  ++clients_;
  ++waiting_for_[static_cast<size_t>(waiting.wait.type)];
}

void Blocking::remove(Client& client) {
  Waiting& waiting = *client.waiting;
  if (waiting.keys.empty()) return;
  for (auto* awaited : waiting.keys) {
    AwaitedKey& key = awaited->second;
    key.waiters.erase(waiting.place);
    if (waiting.wait.also_when_deleted && --key.ended_for == 0) --keys_with_end_;
    if (key.waiters.empty()) keys_.erase(keys_.find(view_of(awaited->first)));
  }
  waiting.keys.clear();
  deadlines_.erase({waiting.wait.deadline_ms, waiting.place});
  --clients_;
  --waiting_for_[static_cast<size_t>(waiting.wait.type)];
}

void Blocking::mark(Keys::value_type& key) {
  if (std::exchange(key.second.marked, true)) return;
  ready_.push_back(key.first);
}

void Blocking::ready(size_t database, const store::KeyRef& key, store::Type type) {
  if (!awaited(type)) return;
  const auto found = keys_.find(NameView{database, key});
  if (found != keys_.end()) mark(*found);
}

void Blocking::changed(size_t database, const store::KeyRef& key, std::optional<store::Type> type) {
  if (keys_with_end_ == 0) return;
  const auto found = keys_.find(NameView{database, key});
  if (found == keys_.end() || found->second.ended_for == 0) return;
  if (!type || *type != found->second.ended_type) mark(*found);
}

AwaitedName Blocking::take_ready() {
  TORC_ASSERT(any_ready());
  AwaitedName name = std::move(ready_.front());
  ready_.pop_front();
  const auto found = keys_.find(view_of(name));
  if (found != keys_.end()) found->second.marked = false;
  return name;
}

Client* Blocking::waiter(const AwaitedName& name, uint64_t* place, uint64_t end) const {
  const auto key = keys_.find(view_of(name));
  if (key == keys_.end()) return nullptr;
  const auto found = key->second.waiters.lower_bound(*place);
  if (found == key->second.waiters.end() || found->first >= end) return nullptr;
  *place = found->first;
  return found->second;
}

bool Blocking::end_awaited(const AwaitedName& name) const {
  const auto key = keys_.find(view_of(name));
  return key != keys_.end() && key->second.ended_for != 0;
}

Client* Blocking::first_overdue(int64_t now_ms) const {
  if (deadlines_.empty() || deadlines_.begin()->first.first >= now_ms) return nullptr;
  return deadlines_.begin()->second;
}

std::optional<int64_t> Blocking::first_deadline_ms() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first.first;
}

}  // namespace torc::session
