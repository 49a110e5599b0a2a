// Tests of src/io/sockets: what its header promises, at the edges and on random input.
#include "io/sockets.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace torc::io {
namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

// A listener's accepted connection and the client end of it.
struct Connection {
  Connection(Sockets& sockets, int listener, const SocketAddress& address)
      : client(sockets.open_stream(address.get()->sa_family).value()) {
    EXPECT_EQ(::connect(client, address.get(), address.size), 0);
    server = ::accept(listener, nullptr, nullptr);
    EXPECT_GE(server, 0);
  }
  ~Connection() {
    ::close(client);
    ::close(server);
  }
  int client;
  int server = -1;
};

class SocketsTest : public ::testing::Test {
 protected:
  int listen_at(const std::string& host, uint16_t port = 0) {
    const auto fd = sockets_.listen_tcp(host, port, 16);
    if (!fd) {
      ADD_FAILURE() << fd.error().text;
      return -1;
    }
    return *fd;
  }
  SystemSockets sockets_;
};

TEST_F(SocketsTest, ListensOnBothFamiliesAtOnce) {
  const int any = listen_at("*");
  const uint16_t port = sockets_.local_port(any);
  EXPECT_NE(port, 0);
  const int any6 = listen_at("::*", port);
  EXPECT_EQ(sockets_.local_address(any), "0.0.0.0:" + std::to_string(port));
  EXPECT_EQ(sockets_.local_address(any6), "[::]:" + std::to_string(port));
  EXPECT_EQ(option(any6, IPPROTO_IPV6, IPV6_V6ONLY), 1);
  EXPECT_EQ(option(any, SOL_SOCKET, SO_REUSEADDR), 1);
  sockets_.close(any);
  sockets_.close(any6);
}

TEST_F(SocketsTest, TellsAddressesOfConnections) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const int listener = listen_at(host);
    const Connection connection(sockets_, listener, numeric_address(host, sockets_.local_port(listener)).value());
    EXPECT_EQ(sockets_.peer_address(connection.server), sockets_.local_address(connection.client));
    EXPECT_EQ(sockets_.local_address(connection.server), sockets_.peer_address(connection.client));
    EXPECT_TRUE(sockets_.peer_is_local(connection.server));
    EXPECT_NE(sockets_.peer_address(connection.client).find(host), std::string::npos);
    sockets_.close(listener);
  }
  EXPECT_EQ(sockets_.peer_address(-1), "?:0");
  EXPECT_FALSE(sockets_.peer_is_local(-1));
}

TEST_F(SocketsTest, SetsOptionsOfConnections) {
  const int listener = listen_at("127.0.0.1");
  const Connection connection(sockets_, listener, numeric_address("127.0.0.1", sockets_.local_port(listener)).value());
  EXPECT_TRUE(sockets_.set_no_delay(connection.server, true));
  EXPECT_EQ(option(connection.server, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_TRUE(sockets_.set_keepalive(connection.server, 300));
  EXPECT_EQ(option(connection.server, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(connection.server, IPPROTO_TCP, TCP_KEEPIDLE), 300);
  EXPECT_EQ(option(connection.server, IPPROTO_TCP, TCP_KEEPINTVL), 100);
  EXPECT_EQ(option(connection.server, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_TRUE(sockets_.set_keepalive(connection.server, 1));
  EXPECT_EQ(option(connection.server, IPPROTO_TCP, TCP_KEEPINTVL), 1);
  EXPECT_TRUE(sockets_.set_keepalive(connection.server, 0));
  EXPECT_EQ(option(connection.server, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_TRUE(sockets_.set_send_buffer(connection.server, 8192));
  EXPECT_EQ(option(connection.server, SOL_SOCKET, SO_SNDBUF), 16384);
  EXPECT_TRUE(sockets_.set_mark(connection.server, 0));
  sockets_.close(listener);
}

TEST_F(SocketsTest, BindsTheSourceOfOutgoingConnections) {
  const int listener = listen_at("127.0.0.1");
  const int client = sockets_.open_stream(AF_INET).value();
  EXPECT_TRUE(sockets_.bind_source(client, "127.0.0.2").has_value());
  const SocketAddress address = numeric_address("127.0.0.1", sockets_.local_port(listener)).value();
  ASSERT_EQ(::connect(client, address.get(), address.size), 0);
  EXPECT_TRUE(sockets_.local_address(client).starts_with("127.0.0.2:"));
  EXPECT_EQ(sockets_.bind_source(client, "192.0.2.1").error().text.substr(0, 5), "bind:");
  sockets_.close(client);
  sockets_.close(listener);
}

TEST_F(SocketsTest, RetriesABindForAMoment) {
  const int first = listen_at("127.0.0.1");
  const uint16_t port = sockets_.local_port(first);
  std::thread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    ::close(first);
  });
  SystemSockets starting;  // only a process that has not listened yet has so much patience
  const int second = starting.listen_tcp("127.0.0.1", port, 16).value();
  closer.join();
  const auto third = sockets_.listen_tcp("127.0.0.1", port, 16);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().code, EADDRINUSE);
  EXPECT_EQ(third.error().text, "bind: Address already in use");
  sockets_.close(second);
}

TEST_F(SocketsTest, FailsWithReasons) {
  EXPECT_EQ(sockets_.listen_tcp("192.0.2.1", 0, 1).error().code, EADDRNOTAVAIL);
  EXPECT_EQ(sockets_.listen_tcp("no such name", 0, 1).error().code, 0);
  EXPECT_FALSE(sockets_.listen_tcp("no such name", 0, 1).error().text.empty());
  EXPECT_FALSE(numeric_address("localhost", 1).has_value());
  EXPECT_FALSE(unix_address("").has_value());
  EXPECT_FALSE(unix_address(std::string(200, 'p')).has_value());
  EXPECT_EQ(sockets_.listen_unix("/nonexistent/dir/socket", 0, 1).error().code, ENOENT);
  EXPECT_EQ(sockets_.open_stream(-1).error().code, EAFNOSUPPORT);
}

TEST_F(SocketsTest, UnixSocketsHavePermissionsAndReplaceOldOnes) {
  std::string directory = std::filesystem::temp_directory_path() / "torc_io_XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/socket";
  sockets_.close(sockets_.listen_unix(path, 0700, 16).value());
  const int listener = sockets_.listen_unix(path, 0760, 16).value();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0760U);
  const Connection connection(sockets_, listener, unix_address(path).value());
  EXPECT_EQ(sockets_.peer_address(connection.server), path + ":0");
  EXPECT_EQ(sockets_.peer_address(connection.client), path + ":0");
  EXPECT_EQ(sockets_.local_address(connection.server), path + ":0");
  EXPECT_TRUE(sockets_.peer_is_local(connection.server));
  EXPECT_EQ(sockets_.local_port(connection.server), 0);
  EXPECT_FALSE(sockets_.set_no_delay(connection.server, true));
  sockets_.close(listener);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace torc::io
