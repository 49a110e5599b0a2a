// The command half of the server as a filter: requests come in on standard input, replies and effects go out on
// standard output, so that what would be notified and propagated can be compared with what a redis-server does.
//
// In:  "<bytes>\n" and so many bytes of requests. Out: "<reply bytes> <effect bytes>\n", the replies as on the wire,
// and one array per effect: E database event key, or P database command arguments...
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cmd/bitmap.h"
#include "cmd/debug.h"
#include "cmd/generic.h"
#include "cmd/geo.h"
#include "cmd/hash.h"
#include "cmd/hyperloglog.h"
#include "cmd/keyspace.h"
#include "cmd/list.h"
#include "cmd/set.h"
#include "cmd/sort.h"
#include "cmd/stream.h"
#include "cmd/string.h"
#include "cmd/zset.h"
#include "config/config_family.h"
#include "config/configuration.h"
#include "resp/parser.h"
#include "session/context.h"
#include "session/families.h"
#include "session/session.h"
#include "store/keyspace.h"

namespace torc::compat {

namespace {

void append_bulk(std::string* out, std::string_view bytes) {
  *out += '$' + std::to_string(bytes.size()) + "\r\n";
  *out += bytes;
  *out += "\r\n";
}

class Recorder final : session::ConnectionControl, session::EventSink, session::PropagationSink {
 public:
  Recorder() {
    registry_.add(cmd::string_rows(), nullptr);
    registry_.add(cmd::list_rows(), nullptr);
    registry_.add(cmd::hash_rows(), nullptr);
    registry_.add(cmd::set_rows(), nullptr);
    registry_.add(cmd::bitmap_rows(), nullptr);
    registry_.add(cmd::hyperloglog_rows(), nullptr);
    registry_.add(cmd::sort_rows(), nullptr);
    registry_.add(cmd::zset_rows(), nullptr);
    registry_.add(cmd::geo_rows(), nullptr);
    registry_.add(cmd::stream_rows(), nullptr);
    registry_.add(cmd::generic_rows(), nullptr);
    registry_.add(cmd::keyspace_rows(), nullptr);
    registry_.add(cmd::debug_rows(), nullptr);
    registry_.add(session::connection_rows(), nullptr);
    registry_.add(session::client_rows(), nullptr);
    registry_.add(session::transaction_rows(), nullptr);
    registry_.add(session::command_rows(), nullptr);
    registry_.add(config::config_rows(), &config_);
    configuration_.add(session_.settings());
    session_.effects().add_event_sink(this);
    session_.effects().add_propagation_sink(this);
    // When overdue keys go by themselves is a matter of time; that they are gone when asked for is compared.
    session_.options().active_expire = false;
    session_.options().enable_debug_command = static_cast<int>(session::Permission::yes);
    session_.effects().set_event_classes(static_cast<uint32_t>(session::parse_event_classes("AKEmn")));
    session_.opened(handle_, {.address = "127.0.0.1:1", .local_address = "127.0.0.1:2", .loopback = true});
  }

  // One tick with these requests.
  void run(std::string_view input) {
    replies_.clear();
    effects_.clear();
    session::RequestBatch batch;
    batch.client = handle_;
    resp::Parser parser;
    parser.parse(input, {}, SIZE_MAX, batch.list);
    session_.begin_tick();
    session_.requested(&batch);
    while (session_.execute()) {
    }
    session_.flush_replies();
    session_.background();
  }

  [[nodiscard]] const std::string& replies() const { return replies_; }
  [[nodiscard]] const std::string& effects() const { return effects_; }

 private:
  void reply(session::ReplyBatch&& batch) override {
    for (const auto& segment : batch.output.segments()) replies_.append(segment.data, segment.size);
    session_.sent(batch.client, 0, std::move(batch.output));
  }
  void finished(session::RequestBatch*) override {}
  void authenticated(session::ClientHandle, bool) override {}
  void waits(session::ClientHandle, bool, uint64_t) override {}
  void event(uint32_t, std::string_view event, std::string_view key, size_t database) override {
    write("E", database, std::vector<std::string_view>{event, key});
  }
  void propagate(size_t database, std::span<const std::string_view> arguments) override {
    write("P", database, arguments);
  }
  void write(std::string_view kind, size_t database, std::span<const std::string_view> words) {
    effects_ += '*' + std::to_string(words.size() + 2) + "\r\n";
    append_bulk(&effects_, kind);
    append_bulk(&effects_, std::to_string(database));
    for (const std::string_view word : words) append_bulk(&effects_, word);
  }

  base::SystemClock clock_;
  base::Random random_{1};
  store::Keyspace keyspace_{16, {1, 2}};
  session::Registry registry_;
  config::Configuration configuration_;
  config::ConfigFamily config_{&configuration_, [] {}, [](const session::Context&) { return true; }};
  session::Session session_{{&keyspace_, &registry_, &clock_, &random_, this, nullptr, {}}};
  session::ClientHandle handle_{0, 1};
  std::string replies_, effects_;
};

bool read_exactly(char* data, size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(STDIN_FILENO, data, size);
    if (got <= 0) return false;
    data += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool read_size(size_t* size) {
  *size = 0;
  for (char c; read_exactly(&c, 1);) {
    if (c == '\n') return true;
    *size = *size * 10 + static_cast<size_t>(c - '0');
  }
  return false;
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put <= 0) return false;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

int serve() {
  Recorder recorder;
  std::string input;
  for (size_t size; read_size(&size);) {
    input.resize(size);
    if (!read_exactly(input.data(), size)) return 1;
    recorder.run(input);
    const std::string head =
        std::to_string(recorder.replies().size()) + ' ' + std::to_string(recorder.effects().size()) + '\n';
    if (!write_all(head) || !write_all(recorder.replies()) || !write_all(recorder.effects())) return 1;
  }
  return 0;
}

}  // namespace

}  // namespace torc::compat

int main() { return torc::compat::serve(); }
