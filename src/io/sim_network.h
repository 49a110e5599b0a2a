// Simulated stream sockets between simulated hosts. Bytes arrive whole, in order and late; a sender may have only so
// many bytes under way; a partition holds everything back until it heals; what a peer sees of close, shutdown and
// reset is what Linux shows over TCP.
//
// The test's own ends of connections are SimPeers: plain objects that send, collect what arrives, and can refuse to
// read.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/sim_world.h"

namespace torc::io {

class SimNetwork;

// host is an address such as "10.0.0.1"; a unix socket has a path instead of a port, and lives on its host.
struct SimEndpoint {
  // A machine has its address and, for IPv6, the same with this in front.
  static constexpr std::string_view version_6_prefix = "::ffff:";
  std::string host;
  uint16_t port = 0;
  std::string path;
  [[nodiscard]] std::string text() const;
  auto operator<=>(const SimEndpoint&) const = default;
};

// One end of a connection.
class SimSocket : public std::enable_shared_from_this<SimSocket> {
 public:
  SimSocket(SimNetwork& network, SimEndpoint local, SimEndpoint peer)
      : network_(network), local_(std::move(local)), peer_endpoint_(std::move(peer)) {}

  // Appends at most max bytes to out and returns how many; 0 is the end of the stream, -EAGAIN nothing yet, -ECONNRESET
  // (once).
  int read(size_t max, std::string* out);
  // How many bytes were taken; -EAGAIN when too many are under way, -EPIPE, -ECONNRESET.
  int write(std::string_view bytes);
  void shut_read();
  void shut_write();
  // A close with unread bytes resets the connection, as TCP does.
  void close();
  void reset();
  // The host lost power: the peer hears nothing, and is reset when it sends.
  void vanish();

  [[nodiscard]] bool readable() const noexcept { return !inbox_.empty() || ended_ || error_ != 0 || shut_read_; }
  [[nodiscard]] bool writable() const noexcept { return room() > 0 || error_ != 0 || shut_write_; }
  // Everything written so far has been read by the peer, or never will be.
  [[nodiscard]] bool drained() const noexcept;
  // Calls once, later, when drained() is true.
  void when_drained(std::function<void()> drained);
  // Called after anything changed that could let read or write go on.
  void when_changed(std::function<void()> changed) { changed_ = std::move(changed); }
  [[nodiscard]] const SimEndpoint& local() const noexcept { return local_; }
  [[nodiscard]] const SimEndpoint& peer() const noexcept { return peer_endpoint_; }

 private:
  friend class SimNetwork;
  enum class SegmentKind : uint8_t { data, end, reset };
  struct Segment {
    int64_t due_us;
    SegmentKind kind;
    std::string bytes;
  };

  void transmit(SegmentKind kind, std::string bytes);
  void arrive();
  void take(Segment& segment);
  void fail();
  void notify();
  [[nodiscard]] size_t room() const noexcept;

  SimNetwork& network_;
  SimEndpoint local_;
  SimEndpoint peer_endpoint_;
  std::weak_ptr<SimSocket> peer_;
  std::string inbox_;
  std::deque<Segment> under_way_;  // towards this end
  size_t under_way_bytes_ = 0;
  int error_ = 0;  // reported once
  bool ended_ = false;
  bool shut_read_ = false;
  bool shut_write_ = false;
  bool gone_ = false;  // closed or vanished here
  std::function<void()> changed_;
  std::vector<std::function<void()>> when_drained_;
};

class SimListener {
 public:
  SimListener(SimEndpoint endpoint, size_t backlog) : endpoint_(std::move(endpoint)), backlog_(backlog) {}
  // Null when nobody waits.
  std::shared_ptr<SimSocket> accept();
  void when_changed(std::function<void()> changed) { changed_ = std::move(changed); }
  [[nodiscard]] bool has_waiting() const noexcept { return !waiting_.empty(); }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] const SimEndpoint& endpoint() const noexcept { return endpoint_; }

 private:
  friend class SimNetwork;
  SimEndpoint endpoint_;
  size_t backlog_;
  bool stopped_ = false;
  std::deque<std::shared_ptr<SimSocket>> waiting_;
  std::function<void()> changed_;
};

// A test's own end of a connection.
class SimPeer {
 public:
  SimPeer() = default;
  explicit SimPeer(std::shared_ptr<SimSocket> socket);
  SimPeer(const SimPeer&) = delete;
  SimPeer& operator=(const SimPeer&) = delete;
  ~SimPeer();

  // Takes all at once and sends it as the connection allows.
  void send(std::string_view bytes);
  // What has arrived since the last take.
  [[nodiscard]] std::string take();
  [[nodiscard]] const std::string& received() const noexcept { return received_; }
  // Stops reading, so that the other side cannot send for ever.
  void read_nothing(bool on);
  void end_sending();
  void close();
  void reset();
  [[nodiscard]] bool connected() const noexcept { return socket_ != nullptr; }
  // The other side closed or reset, or the connection failed.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  // 0, or the errno with which it ended.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] std::string local_address() const { return socket_ ? socket_->local().text() : std::string(); }

 private:
  friend class SimNetwork;
  void attach(std::shared_ptr<SimSocket> socket);
  void turn();
  std::shared_ptr<SimSocket> socket_;
  std::string outbox_;
  std::string received_;
  bool reads_nothing_ = false;
  bool end_sending_ = false;
  bool ended_ = false;
  int error_ = 0;
};

class SimNetwork {
 public:
  explicit SimNetwork(SimWorld& world) noexcept : world_(world) {}

  // EADDRINUSE when somebody listens there. port 0 takes a free one.
  [[nodiscard]] std::expected<std::shared_ptr<SimListener>, int> listen(SimEndpoint endpoint, size_t backlog);
  void stop_listening(const std::shared_ptr<SimListener>& listener);
  using Connected = std::function<void(std::expected<std::shared_ptr<SimSocket>, int>)>;
  // Calls back later, from an event: with the socket, ECONNREFUSED or ETIMEDOUT.
  void connect(const std::string& from_host, const SimEndpoint& to, Connected connected);
  // A client of the test; it may send before it is connected.
  [[nodiscard]] std::shared_ptr<SimPeer> connect_peer(const std::string& from_host, const SimEndpoint& to);
  // A server of the test.
  void serve(const SimEndpoint& endpoint, std::function<void(std::shared_ptr<SimPeer>)> accepted);

  // Nothing passes between the two hosts until they are healed.
  void partition(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);
  void heal_all();
  [[nodiscard]] bool reachable(const std::string& one, const std::string& other) const;
  [[nodiscard]] SimWorld& world() noexcept { return world_; }

 private:
  void try_to_connect(const std::string& from_host, const SimEndpoint& to, int64_t give_up_us, Connected connected);
  std::shared_ptr<SimSocket> join(const std::string& from_host, SimListener& listener);
  void deliver_held_back();

  SimWorld& world_;
  std::map<SimEndpoint, std::shared_ptr<SimListener>> listeners_;
  std::vector<std::weak_ptr<SimSocket>> sockets_;
  std::set<std::pair<std::string, std::string>> partitions_;
  uint16_t next_port_ = 40000;
};

}  // namespace torc::io
