// Listeners: the sockets that connections come from, following the configuration also at run time. What was accepted is
// queued; the Network takes it from there in its tick.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "io/operation.h"
#include "io/sockets.h"
#include "net/context.h"

namespace torc::net {

struct Accepted {
  int fd;
  bool unix_socket;
};

class Listeners {
 public:
  explicit Listeners(Context* context) noexcept;
  ~Listeners();

  // Makes the TCP listeners those that the options name; listeners that stay are not touched. When an address fails,
  // all is as before, and the error is for the user (the log has the reasons).
  [[nodiscard]] std::expected<void, std::string> follow_options();
  [[nodiscard]] std::expected<void, std::string> listen_unix();
  void close_all();

  // Arms what is not armed, and removes what was closed.
  void collect();
  // Whether collect() has something to do once the time has come; then this time, else INT64_MAX.
  [[nodiscard]] int64_t wanted_at_us() const noexcept { return wanted_at_us_; }
  [[nodiscard]] std::vector<Accepted>& accepted() noexcept { return accepted_; }
  [[nodiscard]] const std::vector<Accepted>& accepted() const noexcept { return accepted_; }
  // Listening sockets, TCP and unix.
  [[nodiscard]] size_t listening() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return listeners_.empty(); }

 private:
  struct Address {
    std::string host;
    uint16_t port;
    friend bool operator==(const Address&, const Address&) = default;
  };
  struct Wanted {
    Address address;
    bool optional;
  };
  class Listener;
  using Owned = std::unique_ptr<Listener>;

  [[nodiscard]] std::vector<Wanted> wanted() const;
  [[nodiscard]] Listener* find(const Address& address) const noexcept;
  [[nodiscard]] std::expected<Owned, io::SocketError> open(const Address& address);
  [[nodiscard]] bool open_all(const std::vector<Wanted>& wanted, std::vector<Owned>& opened);
  [[nodiscard]] std::vector<Listener*> in_the_way(const std::vector<Wanted>& wanted) const;
  void on_accepted(Listener& listener, const io::Completion& completion) noexcept;
  void want_now() noexcept { wanted_at_us_ = 0; }

  Context* context_;
  std::vector<Owned> listeners_;
  std::vector<Accepted> accepted_;
  int64_t wanted_at_us_ = INT64_MAX;
  bool told_exhausted_ = false;
};

}  // namespace torc::net
