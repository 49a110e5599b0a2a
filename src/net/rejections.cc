// Each holds the descriptor until its one send is over; bounded in number, since whoever floods also decides how long
// that takes.
#include "net/rejections.h"

#include <string_view>

#include "io/sockets.h"

namespace torc::net {

namespace {

constexpr std::string_view text = "-ERR max number of clients reached\r\n";

}  // namespace

class Rejections::Farewell final : public io::Operation {
 public:
  explicit Farewell(int fd) noexcept : fd(fd) {}
  ~Farewell() = default;
  // A line fits into a new socket's buffer: whatever the result is, there is nothing more to do.
  void on_complete(const io::Completion&) noexcept override {}

  const int fd;
  const iovec part = {const_cast<char*>(text.data()), text.size()};
};

Rejections::Rejections(Context* context) noexcept : context_(context) {}

Rejections::~Rejections() {
  for (const auto& farewell : farewells_) context_->ring.sockets().close(farewell->fd);
}

void Rejections::reject(int fd) {
  ++context_->stats.connections_rejected;
  if (farewells_.size() == farewells_max) return context_->ring.sockets().close(fd);
  auto farewell = std::make_unique<Farewell>(fd);
  context_->ring.send(*farewell, fd, {&farewell->part, 1});
  farewells_.push_back(std::move(farewell));
}

void Rejections::collect() {
  std::erase_if(farewells_, [&](const std::unique_ptr<Farewell>& farewell) {
    if (farewell->in_flight()) return false;
    context_->ring.sockets().close(farewell->fd);
    return true;
  });
}

void Rejections::close_all() {
  for (const auto& farewell : farewells_) context_->ring.cancel(*farewell);
}

}  // namespace torc::net
