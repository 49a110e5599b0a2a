// A change opens the new listeners before it closes the old ones, so that a failure leaves everything as it was. Only
// old ones that may occupy a new address have to stop first; they are opened again on failure.
#include "net/listeners.h"

#include <algorithm>
#include <cerrno>

#include "io/file.h"

namespace torc::net {

namespace {

// Families and protocols that this machine lacks: such an address is left out, as redis-server does.
bool unsupported(int error) noexcept {
  return error == ENOPROTOOPT || error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == EPFNOSUPPORT ||
         error == EAFNOSUPPORT;
}

// The peer was gone before it was accepted, or the kernel just wants to be asked again.
bool passing(int error) noexcept { return error == -ECONNABORTED || error == -EINTR || error == -EAGAIN; }

bool same_family(const std::string& a, const std::string& b) noexcept {
  return (a.find(':') == std::string::npos) == (b.find(':') == std::string::npos);
}

}  // namespace

class Listeners::Listener final : public io::Operation {
 public:
  Listener(Listeners* owner, Address address, int fd, bool is_unix)
      : owner_(owner), address(std::move(address)), fd(fd), is_unix(is_unix) {}
  ~Listener() = default;
  void on_complete(const io::Completion& completion) noexcept override { owner_->on_accepted(*this, completion); }

 private:
  Listeners* owner_;

 public:
  const Address address;
  const int fd;
  const bool is_unix;
  bool closing = false;
  int64_t paused_until_us = 0;
};

Listeners::Listeners(Context* context) noexcept : context_(context) {}

Listeners::~Listeners() {
  for (const Owned& listener : listeners_) context_->ring.sockets().close(listener->fd);
  for (const Accepted& connection : accepted_) context_->ring.sockets().close(connection.fd);
}

std::vector<Listeners::Wanted> Listeners::wanted() const {
  std::vector<Wanted> list;
  const NetworkOptions& options = context_->options;
  if (options.port == 0) return list;
  for (const std::string& host : options.bind) {
    const bool optional = host.starts_with('-');
    Wanted entry{{host.substr(optional ? 1 : 0), static_cast<uint16_t>(options.port)}, optional};
    list.push_back(std::move(entry));
  }
  return list;
}

Listeners::Listener* Listeners::find(const Address& address) const noexcept {
  for (const Owned& listener : listeners_) {
    if (!listener->closing && !listener->is_unix && listener->address == address) return listener.get();
  }
  return nullptr;
}

std::expected<Listeners::Owned, io::SocketError> Listeners::open(const Address& address) {
  io::Sockets& sockets = context_->ring.sockets();
  auto fd = sockets.listen_tcp(address.host, address.port, static_cast<int>(context_->options.backlog));
  if (!fd) return std::unexpected(std::move(fd.error()));
  sockets.set_mark(*fd, static_cast<uint32_t>(context_->options.socket_mark));
  return std::make_unique<Listener>(this, address, *fd, false);
}

// Opens those that do not exist yet; false at the first that fails and must not.
bool Listeners::open_all(const std::vector<Wanted>& list, std::vector<Owned>& opened) {
  for (const Wanted& entry : list) {
    const bool exists = find(entry.address) || std::ranges::any_of(opened, [&](const Owned& other) {
                          return other->address == entry.address;
                        });
    if (exists) continue;
    auto listener = open(entry.address);
    if (listener) {
      opened.push_back(std::move(*listener));
      continue;
    }
    if (context_->log) {
      context_->log(LogLevel::warning, "Warning: Could not create server TCP listening socket " + entry.address.host +
                                           ":" + std::to_string(entry.address.port) + ": " + listener.error().text);
    }
    const int code = listener.error().code;
    if (!(entry.optional && code == EADDRNOTAVAIL) && !unsupported(code)) return false;
  }
  return true;
}

// Listeners that are no longer wanted and may occupy an address that is, under another name or as a wildcard: same
// port, same family.
std::vector<Listeners::Listener*> Listeners::in_the_way(const std::vector<Wanted>& list) const {
  std::vector<Listener*> found;
  for (const Owned& listener : listeners_) {
    const Address& old = listener->address;
    const bool stays = std::ranges::any_of(list, [&](const Wanted& entry) { return entry.address == old; });
    if (listener->closing || listener->is_unix || stays) continue;
    const bool collides = std::ranges::any_of(list, [&](const Wanted& entry) {
      const Address& wish = entry.address;
      return wish.port == old.port && same_family(wish.host, old.host) && !find(wish);
    });
    if (collides) found.push_back(listener.get());
  }
  return found;
}

std::expected<void, std::string> Listeners::follow_options() {
  const std::vector<Wanted> list = wanted();
  io::Sockets& sockets = context_->ring.sockets();
  std::vector<Wanted> lost;
  for (Listener* listener : in_the_way(list)) {
    sockets.stop_listening(listener->fd);
    listener->closing = true;
    lost.push_back({listener->address, true});
  }
  std::vector<Owned> opened;
  const bool complete = open_all(list, opened);
  if (!complete) {
    for (const Owned& listener : opened) sockets.close(listener->fd);
    opened.clear();
    static_cast<void>(open_all(lost, opened));
  }
  for (const Owned& listener : listeners_) {
    const bool stays = std::ranges::any_of(list, [&](const Wanted& w) { return w.address == listener->address; });
    if (!complete || listener->is_unix || listener->closing || stays) continue;
    sockets.stop_listening(listener->fd);
    listener->closing = true;
  }
  for (const Owned& listener : listeners_) {
    if (listener->closing) context_->ring.cancel(*listener);
  }
  std::ranges::move(opened, std::back_inserter(listeners_));
  want_now();
  if (!complete) return std::unexpected("Failed to bind to specified addresses.");
  return {};
}

std::expected<void, std::string> Listeners::listen_unix() {
  const NetworkOptions& options = context_->options;
  if (options.unix_socket.empty()) return {};
  const std::string path = io::path_in(options.directory, options.unix_socket);
  auto fd = context_->ring.sockets().listen_unix(path, static_cast<mode_t>(options.unix_socket_permissions),
                                                 static_cast<int>(options.backlog));
  if (!fd) return std::unexpected("Failed opening Unix socket: " + fd.error().text);
  listeners_.push_back(std::make_unique<Listener>(this, Address{path, 0}, *fd, true));
  want_now();
  return {};
}

void Listeners::close_all() {
  for (const Owned& listener : listeners_) {
    if (listener->closing) continue;
    listener->closing = true;
    context_->ring.sockets().stop_listening(listener->fd);
    context_->ring.cancel(*listener);
    if (!listener->is_unix) continue;
    if (context_->log) context_->log(LogLevel::notice, "Removing the unix socket file.");
    static_cast<void>(io::remove_file(listener->address.host));
  }
  want_now();
}

size_t Listeners::listening() const noexcept {
  return static_cast<size_t>(
      std::ranges::count_if(listeners_, [](const Owned& listener) { return !listener->closing; }));
}

void Listeners::on_accepted(Listener& listener, const io::Completion& completion) noexcept {
  if (!completion.more) want_now();
  if (completion.result >= 0) {
    told_exhausted_ = false;
    accepted_.push_back({completion.result, listener.is_unix});
    return;
  }
  if (listener.closing || completion.result == -ECANCELED || passing(completion.result)) return;
  // Out of descriptors or memory: the connection stays in the kernel's queue, and asking again at once would spin.
  listener.paused_until_us = context_->clock.monotonic_us() + context_->options.accept_pause_us;
  if (context_->log && !told_exhausted_) {
    context_->log(LogLevel::warning, "Accepting client connection: " + io::error_text(-completion.result));
  }
  told_exhausted_ = true;
}

void Listeners::collect() {
  if (wanted_at_us_ == INT64_MAX) return;
  const int64_t now_us = context_->clock.monotonic_us();
  if (now_us < wanted_at_us_) return;
  wanted_at_us_ = INT64_MAX;
  std::erase_if(listeners_, [&](const Owned& listener) {
    if (!listener->closing || listener->in_flight()) return false;
    context_->ring.sockets().close(listener->fd);
    return true;
  });
  for (const Owned& listener : listeners_) {
    if (listener->closing || listener->in_flight()) continue;
    if (listener->paused_until_us > now_us) {
      wanted_at_us_ = std::min(wanted_at_us_, listener->paused_until_us);
    } else {
      context_->ring.accept_multishot(*listener, listener->fd);
    }
  }
}

}  // namespace torc::net
