// A connection goes through receiving, sending, ending (our side of it), draining (the peer should end its side, too;
// closing right away could cost it the response), and is gone. Completions only note what arrived; collect() does the
// rest.
#include "net/http_endpoint.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "io/sockets.h"

namespace torc::net {

namespace {

constexpr int backlog = 64;
constexpr int64_t accept_pause_us = 100'000;

struct RequestLine {
  std::string_view method, path, version;
};

// The head is there when an empty line ends it.
bool head_complete(std::string_view received) {
  return received.find("\r\n\r\n") != std::string_view::npos || received.find("\n\n") != std::string_view::npos;
}

// Empty where it is none.
RequestLine parse_request_line(std::string_view received) {
  std::string_view line = received.substr(0, received.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return {};
  RequestLine request{line.substr(0, first), line.substr(first + 1, last - first - 1), line.substr(last + 1)};
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool fits = !request.method.empty() && std::ranges::all_of(request.method, is_letter) &&
                    request.path.starts_with('/') && request.path.find(' ') == std::string_view::npos &&
                    request.version.starts_with("HTTP/1.");
  return fits ? request : RequestLine{};
}

std::string status_only(std::string_view status, std::string_view more = "") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}\n",
                     status, status.size() + 1, more, status);
}

}  // namespace

class HttpEndpoint::Connection {
 public:
  enum class State : uint8_t { receiving, sending, ending, draining, closing };

  Connection(io::Ring& ring, int fd, int64_t deadline_us) : ring_(ring), fd_(fd), deadline_us(deadline_us) {}
  ~Connection() { ring_.sockets().close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void receive() {
    // While draining, what comes is overwritten: nobody wants it.
    const size_t at = state == State::draining ? 0 : received_;
    ring_.recv_into(operation_, fd_, buffer_.data() + at, buffer_.size() - at, false);
  }
  void send(std::string response) {
    response_ = std::move(response);
    state = State::sending;
    send_rest();
  }
  void end_output() { ring_.shutdown(operation_, fd_, SHUT_WR); }
  void cancel() { ring_.cancel(operation_); }
  [[nodiscard]] bool busy() const noexcept { return operation_.in_flight(); }
  [[nodiscard]] std::string_view request() const noexcept { return {buffer_.data(), received_}; }
  [[nodiscard]] bool full() const noexcept { return received_ == buffer_.size(); }

 private:
  void send_rest() {
    part_ = {response_.data() + sent_, response_.size() - sent_};
    ring_.send(operation_, fd_, {&part_, 1});
  }
  void on_complete(const io::Completion& completion) noexcept {
    const int result = completion.result;
    const bool again = result == -EINTR || result == -EAGAIN;
    if (again && state == State::sending) return send_rest();
    if (again) return;  // asked again by advance()
    if (state == State::ending) {
      state = result == 0 ? State::draining : State::closing;
    } else if (result <= 0) {
      state = State::closing;
    } else if (state == State::receiving) {
      received_ += static_cast<size_t>(result);
    } else if (state == State::sending) {
      sent_ += static_cast<size_t>(result);
      if (sent_ < response_.size()) return send_rest();
      state = State::ending;
    }
  }

  io::Ring& ring_;
  int fd_;
  io::BoundOperation<Connection, &Connection::on_complete> operation_{this};
  std::array<char, request_bytes_max> buffer_;
  size_t received_ = 0;
  std::string response_;
  size_t sent_ = 0;
  iovec part_{};

 public:
  State state = State::receiving;
  const int64_t deadline_us;
};

HttpEndpoint::HttpEndpoint(io::Ring& ring, const base::Clock& clock, std::function<std::string()> text,
                           HttpEndpointOptions options)
    : ring_(ring), clock_(clock), make_text_(std::move(text)), options_(std::move(options)) {}

HttpEndpoint::~HttpEndpoint() {
  for (const int fd : accepted_) ring_.sockets().close(fd);
  if (listener_ >= 0) ring_.sockets().close(listener_);
}

std::expected<void, std::string> HttpEndpoint::listen(const std::string& host, uint16_t port) {
  const auto listener = ring_.sockets().listen_tcp(host, port, backlog);
  if (!listener) return std::unexpected(fmt::format("{}:{}: {}", host, port, listener.error().text));
  listener_ = *listener;
  rearm_ = true;
  return {};
}

uint16_t HttpEndpoint::port() const { return listener_ < 0 ? 0 : ring_.sockets().local_port(listener_); }

void HttpEndpoint::on_accepted(const io::Completion& completion) noexcept {
  if (completion.result >= 0) {
    accepted_.push_back(completion.result);
  } else if (completion.result != -ECANCELED) {
    rearm_at_us_ = clock_.monotonic_us() + accept_pause_us;
  }
  rearm_ |= !completion.more;
}

// With all places taken nobody is accepted any more; what multishot accepted on top waits in accepted_.
void HttpEndpoint::accept_more() {
  while (!accepted_.empty() && open_ < options_.connections_max) {
    const int64_t deadline_us = clock_.monotonic_us() + options_.exchange_us_max;
    connections_.push_back(std::make_unique<Connection>(ring_, accepted_.front(), deadline_us));
    accepted_.erase(accepted_.begin());
    connections_.back()->receive();
    ++open_;
  }
  if (open_ == options_.connections_max && accept_.in_flight()) ring_.cancel(accept_);
  if (clock_.monotonic_us() < rearm_at_us_) return;
  if (!rearm_ || open_ == options_.connections_max || closing_ || accept_.in_flight()) return;
  rearm_ = false;
  ring_.accept_multishot(accept_, listener_);
}

const std::string& HttpEndpoint::text() {
  const int64_t now_us = clock_.monotonic_us();
  if (text_made_us_ == INT64_MIN || now_us - text_made_us_ > options_.text_age_us_max) {
    text_ = make_text_();
    text_made_us_ = now_us;
  }
  return text_;
}

std::string HttpEndpoint::response(std::string_view received) {
  const RequestLine request = parse_request_line(received);
  if (request.method.empty()) return status_only("400 Bad Request");
  const bool head_only = request.method == "HEAD";
  if (!head_only && request.method != "GET") return status_only("405 Method Not Allowed", "Allow: GET, HEAD\r\n");
  if (request.path.substr(0, request.path.find('?')) != options_.path) return status_only("404 Not Found");
  const std::string& body = text();
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                     options_.content_type, body.size(), head_only ? std::string_view() : std::string_view(body));
}

void HttpEndpoint::respond(Connection& connection) {
  if (head_complete(connection.request())) return connection.send(response(connection.request()));
  if (connection.full()) return connection.send(status_only("431 Request Header Fields Too Large"));
  // Junk need not be waited for: a line that is there must be a request.
  const bool has_line = connection.request().find('\n') != std::string_view::npos;
  if (has_line && parse_request_line(connection.request()).method.empty()) {
    return connection.send(status_only("400 Bad Request"));
  }
  connection.receive();
}

void HttpEndpoint::advance(Connection& connection, int64_t now_us) {
  using State = Connection::State;
  if (connection.busy()) {
    if (now_us > connection.deadline_us || closing_) {
      connection.cancel();
      connection.state = State::closing;
    }
    return;
  }
  if (now_us > connection.deadline_us || closing_) connection.state = State::closing;
  if (connection.state == State::receiving) respond(connection);
  if (connection.state == State::ending) return connection.end_output();
  if (connection.state == State::draining) connection.receive();
}

void HttpEndpoint::collect() {
  const int64_t now_us = clock_.monotonic_us();
  for (const auto& connection : connections_) advance(*connection, now_us);
  std::erase_if(connections_, [](const auto& connection) {
    return connection->state == Connection::State::closing && !connection->busy();
  });
  open_ = connections_.size();
  accept_more();
}

void HttpEndpoint::close_all() {
  closing_ = true;
  if (accept_.in_flight()) {
    ring_.sockets().stop_listening(listener_);
    ring_.cancel(accept_);
  }
  collect();
}

bool HttpEndpoint::closed() const noexcept { return connections_.empty() && !accept_.in_flight(); }

}  // namespace torc::net
