// The rows of the hash commands; their handlers stand in hash_*.cc.
#include "cmd/hash.h"

#include <vector>

#include "cmd/hash_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

std::span<const session::CommandRow> hash_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {hash_change_rows(), hash_counter_rows(), hash_read_rows(), hash_random_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

store::HashView hash_view(const session::Context& context, const store::Entry& entry) {
  return {entry, context.now_ms()};
}

void reply_value(session::Context& context, const store::HashView::Value& value) {
  if (value.is_integer) return context.reply().bulk_integer(value.integer);
  context.reply().bulk(value.text);
}

}  // namespace torc::cmd
