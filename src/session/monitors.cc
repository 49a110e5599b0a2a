// A line is written when the command's handler has returned, since only the handler knows which arguments are secrets;
// so the arguments' blobs are kept alive over the call.
#include "session/monitors.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/split_arguments.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::session {

void Monitors::remove(Client* client) {
  std::erase(clients_, client);
  if (clients_.empty()) text_.clear();
}

void Monitors::begin_line(int64_t wall_us, const Client& client) {
  std::string_view address = client.peer.address;
  if (client.peer.unix_socket) address.remove_suffix(2);  // ":0"
  text_ += fmt::format("+{}.{:06} [{} {}{}]", wall_us / 1'000'000, wall_us % 1'000'000, client.database,
                       client.peer.unix_socket ? "unix:" : "", address);
}

void Monitors::add_argument(std::string_view argument) {
  text_ += ' ';
  base::append_quoted(&text_, argument);
}

void Monitors::add_line(int64_t wall_us, const Context& context) {
  begin_line(wall_us, context.client());
  for (size_t i = 0; i < context.size(); ++i) {
    add_argument(context.redacted(i) ? Context::redacted_text : context[i]);
  }
  end_line();
}

base::BlobRef Monitors::take() {
  base::BlobRef piece = base::BlobRef::copy_of(text_);
  text_.clear();
  constexpr size_t kept_bytes_max = 4 * piece_bytes;
  if (text_.capacity() > kept_bytes_max) text_.shrink_to_fit();
  return piece;
}

// --- the session's part ---

void Session::start_monitoring(Client& client) {
  if (client.monitor) return;
  tell_monitors();  // the new one hears nothing of what was before
  client.monitor = true;
  monitors_.add(&client);
}

void Session::stop_monitoring(Client& client) {
  if (!client.monitor) return;
  tell_monitors();
  client.monitor = false;
  monitors_.remove(&client);
}

// A handler, with a line for the monitors.
void Session::call_monitored(Context& context) {
  const Command& command = *context.command_;
  // What was before its own reply; but a monitor's EXEC is not interrupted.
  if (context.client_->monitor && unit_depth_ == 1) tell_monitors();
  std::vector<base::BlobRef> kept;
  for (const resp::ArgumentBlob& argument : context.blobs_) kept.push_back(argument.blob);
  // Of a command that waits, it is told when it begins to, not when it goes on.
  const bool told = context.client_->waiting != nullptr;
  command.handler(context);
  if (told || command.has(flag_skip_monitor | flag_admin) || monitors_.empty()) return;
  monitors_.add_line(parts_.clock->wall_us(), context);
  if (monitors_.piece_full() && unit_depth_ == 1) tell_monitors();
}

void Session::tell_monitors() {
  if (!monitors_.something_to_tell()) return;
  const base::BlobRef piece = monitors_.take();
  std::vector<Client*> too_slow;
  for (Client* monitor : monitors_.clients()) {
    if (monitor->reply_mode != ReplyMode::on || monitor->closing()) continue;
    monitor->output.append(piece, piece.view());
    mark_for_flush(*monitor);
    if (over_output_limit(*monitor)) too_slow.push_back(monitor);
  }
  for (Client* monitor : too_slow) close_for_output_limit(*monitor);
}

}  // namespace torc::session
