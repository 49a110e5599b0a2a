// The window is a ring of planned requests: executed ≤ warmed ≤ bucketed ≤ planned.
#include "session/lookahead.h"

#include <algorithm>

#include "base/assert.h"
#include "session/registry.h"
#include "store/keyspace.h"
#include "store/object.h"

namespace torc::session {

namespace {
constexpr size_t blob_bytes_ahead = 512;
}  // namespace

// Plans the next waiting request; the caller has checked that there is one and that the window has room.
void Lookahead::plan_one() {
  RequestBatch* batch = waiting_.front();
  const resp::RequestList& list = batch->list;
  Planned& planned = at(end_++);
  planned = {batch, static_cast<uint32_t>(waiting_request_), UINT32_MAX, 0, nullptr, nullptr};
  const bool last = ++waiting_request_ >= list.requests.size() + (batch->protocol_error.empty() ? 0 : 1);
  if (last) {
    waiting_.pop_front();
    waiting_request_ = 0;
  }
  if (planned.request >= list.requests.size()) return;
  const auto arguments = list.arguments_of(list.requests[planned.request]);
  const Registry::Resolved resolved = registry_->resolve(arguments);
  planned.command = resolved.command;
  planned.container = resolved.container;
  if (!planned.command || planned.command->first_key <= 0) return;
  const auto key = static_cast<size_t>(planned.command->first_key);
  if (key >= arguments.size()) return;
  planned.hashed_argument = static_cast<uint32_t>(key);
  const Planned* const same = before_it_with_key(planned, arguments[key]);
  planned.repeats_key = same != nullptr;
  planned.hash = same ? same->hash : keyspace_->key(arguments[key]).hash;
}

// The request before it in the same batch, if that has this key, too. Its arguments are still there: planning stops
// within a batch only when the window is full, and goes on before the last one of it has run.
const Planned* Lookahead::before_it_with_key(const Planned& planned, std::string_view key) noexcept {
  if (planned.request == 0) return nullptr;
  TORC_ASSERT(end_ - begin_ >= 2);
  const Planned& previous = at(end_ - 2);
  TORC_ASSERT(previous.batch == planned.batch);
  if (previous.hashed_argument == UINT32_MAX) return nullptr;
  const std::string_view before = arguments_of(previous)[previous.hashed_argument];
  // The last byte tells most keys apart.
  const bool same = before.size() == key.size() && !key.empty() && before.back() == key.back() && before == key;
  return same ? &previous : nullptr;
}

void Lookahead::prefetch_buckets() {
  for (; bucketed_ < end_; ++bucketed_) {
    const Planned& planned = at(bucketed_);
    if (planned.hashed_argument == UINT32_MAX || planned.repeats_key) continue;
    keyspace_->database(planned.batch->database).prefetch_bucket(planned.hash);
  }
}

void Lookahead::prefetch_entries(size_t until) {
  for (; warmed_ < until; ++warmed_) {
    const Planned& planned = at(warmed_);
    if (planned.hashed_argument == UINT32_MAX || planned.repeats_key) continue;
    keyspace_->database(planned.batch->database).prefetch_entry(planned.hash);
  }
}

std::span<const std::string_view> Lookahead::arguments_of(const Planned& planned) {
  const resp::RequestList& list = planned.batch->list;
  return list.arguments_of(list.requests[planned.request]);
}

// Of its key; null if it has none.
const store::Entry* Lookahead::entry_of(const Planned& planned) const {
  if (planned.hashed_argument == UINT32_MAX) return nullptr;
  const store::KeyRef key{arguments_of(planned)[planned.hashed_argument], planned.hash};
  return keyspace_->database(planned.batch->database).find(key);
}

// An element without an object is none. *entry is what was found for the request before it.
Lookahead::Element Lookahead::element_of(const Planned& planned, const store::Entry** entry) const {
  if (!planned.repeats_key) *entry = nullptr;
  if (planned.hashed_argument == UINT32_MAX || planned.command->row->element_argument == 0) return {};
  const auto arguments = arguments_of(planned);
  const size_t element = planned.command->row->element_argument;
  if (element >= arguments.size()) return {};
  if (!*entry) *entry = entry_of(planned);
  if (!*entry || !(*entry)->is_object()) return {};
  return {(*entry)->object(), (*entry)->object()->element_hash(arguments[element])};
}

// Nothing runs between the waves, so that the objects stay where they are.
void Lookahead::prefetch_elements() {
  using Wave = store::Object::Wave;
  std::array<Element, window_max / groups> elements;
  size_t count = 0;
  const store::Entry* entry = nullptr;
  for (size_t i = begin_; i < group_end_; ++i) {
    elements[count] = element_of(at(i), &entry);
    if (elements[count].object) ++count;
  }
  for (const Wave wave : {Wave::first, Wave::second, Wave::third}) {
    for (size_t i = 0; i < count; ++i) elements[i].object->prefetch(elements[i].hash, wave);
  }
}

// A value that stands outside its entry is one more miss; who reads it has its first lines fetched, and the processor
// goes on from there. Where values are small this costs one look a group: the first tells of the others.
void Lookahead::prefetch_blobs() {
  for (size_t i = begin_; i < group_end_; ++i) {
    const store::Entry* const entry = entry_of(at(i));
    if (entry && entry->is_blob()) {
      entry->prefetch_blob(at(i).command->flags & flag_write ? 1 : blob_bytes_ahead);
    } else if (i == begin_) {
      return;
    }
  }
}

void Lookahead::advance(size_t distance) {
  const size_t group = std::clamp<size_t>((distance + 1) / 2, 1, window_max / groups);
  while (!waiting_.empty() && end_ - begin_ < groups * group) plan_one();
  group_end_ = std::min(begin_ + group, end_);
  bucketed_ = std::max(bucketed_, begin_);
  warmed_ = std::max(warmed_, begin_);
  // A request that is alone runs now anyway.
  if (distance == 0 || end_ - begin_ < 2) return;
  prefetch_buckets();
  prefetch_entries(std::min(begin_ + 2 * group, end_));
  prefetch_elements();
  prefetch_blobs();
}

const Planned* Lookahead::next(size_t distance) {
  if (begin_ == group_end_) advance(distance);
  if (begin_ == end_) return nullptr;
  current_ = at(begin_++);
  return &current_;
}

}  // namespace torc::session
