// Monitors: the clients that are told every command (MONITOR). A line is formatted once, whoever reads it: the lines of
// a tick are gathered in one text, and the monitors' outputs refer to it together. A piece of it is told as soon as it
// has piece_bytes, so that a monitor that does not read is noticed by its output limit soon.
//
// While nobody monitors, a command costs the one test of empty().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace torc::session {

struct Client;
class Context;

class Monitors {
 public:
  static constexpr size_t piece_bytes = 64 * 1024;

  [[nodiscard]] bool empty() const noexcept { return clients_.empty(); }
  [[nodiscard]] bool something_to_tell() const noexcept { return !text_.empty(); }
  [[nodiscard]] const std::vector<Client*>& clients() const noexcept { return clients_; }
  void add(Client* client) { clients_.push_back(client); }
  void remove(Client* client);

  // Adds a command's line. wall_us: when it ran; what its handler redacted is not shown.
  void add_line(int64_t wall_us, const Context& context);
  // The same in parts.
  void begin_line(int64_t wall_us, const Client& client);
  void add_argument(std::string_view argument);
  void end_line() { text_ += "\r\n"; }
  // A piece is full: it should be told now.
  [[nodiscard]] bool piece_full() const noexcept { return text_.size() >= piece_bytes; }
  // The text gathered so far; begins a new one.
  [[nodiscard]] base::BlobRef take();

 private:
  std::vector<Client*> clients_;
  std::string text_;
};

}  // namespace torc::session
