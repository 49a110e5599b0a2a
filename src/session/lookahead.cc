// The window is a ring of planned requests: executed < warmed < planned.
#include "session/lookahead.h"

#include "session/registry.h"
#include "store/keyspace.h"

namespace torc::session {

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
  planned.hash = keyspace_->key(arguments[key]).hash;
  keyspace_->database(batch->database).prefetch_bucket(planned.hash);
}

const Planned* Lookahead::next(size_t distance) {
  const size_t ahead = distance < window_max ? distance : window_max - 1;
  while (!waiting_.empty() && end_ - begin_ <= ahead) plan_one();
  if (begin_ == end_) return nullptr;
  const size_t warm_until = begin_ + (ahead + 1) / 2;
  for (; warmed_ < end_ && warmed_ <= warm_until; ++warmed_) {
    const Planned& planned = at(warmed_);
    // An entry that runs now anyway gains nothing from a prefetch.
    if (warmed_ == begin_ || planned.hashed_argument == UINT32_MAX) continue;
    keyspace_->database(planned.batch->database).prefetch_entry(planned.hash);
  }
  current_ = at(begin_++);
  return &current_;
}

}  // namespace torc::session
