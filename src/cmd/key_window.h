// Commands of many keys (DEL, EXISTS, TOUCH ...) would wait for memory once per key. Here the keys are taken in
// windows: all of a window are hashed and their buckets asked for, then their entries, and only then is each used.
#pragma once

#include <algorithm>
#include <array>

#include "session/context.h"

namespace torc::cmd {

inline constexpr size_t key_window = 32;  // lines on their way at once; more would push out the first

// Calls visit(i, KeyRef) for the arguments i = first, first + step ... < end in order. The visits may change the
// database.
template <class Visit>
void for_each_key(session::Context& context, size_t first, size_t end, size_t step, Visit visit) {
  if (end - first <= step) [[likely]] {  // a single key was looked ahead for
    visit(first, context.key(first));
    return;
  }
  const store::Database& database = context.database();
  std::array<store::KeyRef, key_window> keys;
  for (size_t begin = first; begin < end; begin += key_window * step) {
    const size_t count = std::min(key_window, (end - begin + step - 1) / step);
    for (size_t i = 0; i < count; ++i) {
      keys[i] = context.key(begin + i * step);
      database.prefetch_bucket(keys[i].hash);
    }
    for (size_t i = 0; i < count; ++i) database.prefetch_entry(keys[i].hash);
    for (size_t i = 0; i < count; ++i) visit(begin + i * step, keys[i]);
  }
}

// Calls visit(KeyRef) for the arguments first .. size() - 1 in order.
template <class Visit>
void for_each_key(session::Context& context, size_t first, Visit visit) {
  for_each_key(context, first, context.size(), 1, [&visit](size_t, const store::KeyRef& key) { visit(key); });
}

}  // namespace torc::cmd
