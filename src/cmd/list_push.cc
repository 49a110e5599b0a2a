// LPUSH, RPUSH, LPUSHX, RPUSHX: new elements at an end.
#include "cmd/list_parts.h"

namespace torc::cmd {

namespace {

using session::CommandRow;
using session::Context;

template <ListEnd end, bool if_exists>
void push(Context& context) {
  const store::KeyRef key = context.key(1);
  store::Entry* entry;
  if (!find_list(context, key, &entry)) return;
  if (if_exists && !entry) return context.reply().integer(0);
  const auto texts = context.arguments().subspan(2);
  uint64_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  entry = push_to_list(context, key, entry, texts, bytes, end);
  context.add_dirty(static_cast<int64_t>(texts.size()));
  context.reply().integer(static_cast<int64_t>(store::list_size(*entry)));
}

constexpr CommandRow row(std::string_view name, session::Handler handler, std::string_view since,
                         std::string_view summary, std::string_view history) {
  return list_row(name, handler, -3, "write denyoom fast", "RW INSERT @1 range 0 1 0", since,
                  "O(1) for each element", summary, "key:key element...", history);
}

constexpr CommandRow rows[] = {
    row("lpush", push<ListEnd::left, false>, "1.0.0", "Puts elements before a list; the key need not exist.",
        "2.4.0=Several elements at once."),
    row("rpush", push<ListEnd::right, false>, "1.0.0", "Puts elements behind a list; the key need not exist.",
        "2.4.0=Several elements at once."),
    row("lpushx", push<ListEnd::left, true>, "2.2.0", "Puts elements before a list that exists.",
        "4.0.0=Several elements at once."),
    row("rpushx", push<ListEnd::right, true>, "2.2.0", "Puts elements behind a list that exists.",
        "4.0.0=Several elements at once."),
};

}  // namespace

std::span<const CommandRow> list_push_rows() { return rows; }

}  // namespace torc::cmd
