// A tiny HTTP server for one text, such as metrics: GET or HEAD of one path, one response, and the connection ends. It
// shares the ring and the tick with everything else, so all is bounded: connections, the size of a request, the time of
// an exchange, and how often the text is made anew. Whoever sends junk gets 400, another path 404, another method 405.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "io/operation.h"
#include "io/ring.h"
#include "net/options.h"

namespace torc::net {

struct HttpEndpointOptions {
  std::string path = "/metrics";
  std::string content_type = "text/plain; version=0.0.4; charset=utf-8";
  size_t connections_max = 16;  // more wait in the kernel's queue
  int64_t exchange_us_max = 5'000'000;
  int64_t text_age_us_max = 100'000;  // requests that come faster share a text
};

class HttpEndpoint {
 public:
  static constexpr size_t request_bytes_max = 8192;

  // text: the body; called from collect() only. The ring and the clock outlive the endpoint.
  HttpEndpoint(io::Ring& ring, const base::Clock& clock, std::function<std::string()> text,
               HttpEndpointOptions options = {});
  // closed() is true by now.
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  [[nodiscard]] std::expected<void, std::string> listen(const std::string& host, uint16_t port);
  [[nodiscard]] uint16_t port() const;

  // Whether collect() may have something to do: the tick need not call it otherwise.
  [[nodiscard]] bool active() const noexcept { return open_ > 0 || !accepted_.empty() || rearm_; }
  void collect();
  void close_all();
  [[nodiscard]] bool closed() const noexcept;

 private:
  class Connection;
  void on_accepted(const io::Completion& completion) noexcept;
  void accept_more();
  void advance(Connection& connection, int64_t now_us);
  void respond(Connection& connection);
  [[nodiscard]] const std::string& text();
  [[nodiscard]] std::string response(std::string_view head);

  io::Ring& ring_;
  const base::Clock& clock_;
  std::function<std::string()> make_text_;
  HttpEndpointOptions options_;
  io::BoundOperation<HttpEndpoint, &HttpEndpoint::on_accepted> accept_{this};
  int listener_ = -1;
  bool rearm_ = false;       // the listener's operation has ended
  int64_t rearm_at_us_ = 0;  // not before: out of descriptors, perhaps
  bool closing_ = false;
  std::vector<int> accepted_;
  std::vector<std::unique_ptr<Connection>> connections_;
  size_t open_ = 0;
  std::string text_;
  int64_t text_made_us_ = INT64_MIN;
};

}  // namespace torc::net
