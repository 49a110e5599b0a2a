// Tests of src/io/uring_operations: files on the real ring, at the edges and on random input.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "io/file.h"
#include "ring_fixture.h"

namespace torc::io {
namespace {

class UringFileTest : public UringTest {
 protected:
  void SetUp() override {
    UringTest::SetUp();
    std::string path = std::filesystem::temp_directory_path() / "torc_io_XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    path_ = path;
    directory_ = open_directory(path).value();
  }
  void TearDown() override {
    ::close(directory_);
    std::filesystem::remove_all(path_);
    UringTest::TearDown();
  }
  int open_file(const char* name, int flags) {
    return run([&](Operation& operation) { ring().openat(operation, directory_, name, flags, 0600); });
  }
  std::string path_;
  int directory_ = -1;
};

TEST_P(UringFileTest, WritesReadsAndSyncs) {
  const int fd = open_file("data", O_RDWR | O_CREAT);
  ASSERT_GE(fd, 0);
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  const std::array parts = {part_of("hello "), part_of("ring")};
  EXPECT_EQ(run([&](Operation& operation) { ring().write(operation, fd, parts, 0); }), 10);
  EXPECT_EQ(run([&](Operation& operation) { ring().write(operation, fd, std::span(parts).first(1), 10); }), 6);
  EXPECT_EQ(run([&](Operation& operation) { ring().fsync(operation, fd, SyncKind::data); }), 0);
  EXPECT_EQ(run([&](Operation& operation) { ring().fsync(operation, fd, SyncKind::full); }), 0);
  std::string buffer(32, '\0');
  EXPECT_EQ(run([&](Operation& operation) { ring().read(operation, fd, buffer.data(), 32, 0); }), 16);
  EXPECT_EQ(buffer.substr(0, 16), "hello ringhello ");
  EXPECT_EQ(run([&](Operation& operation) { ring().read(operation, fd, buffer.data(), 32, 16); }), 0);
  EXPECT_EQ(run([&](Operation& operation) { ring().close(operation, fd); }), 0);
  EXPECT_EQ(run([&](Operation& operation) { ring().close(operation, fd); }), -EBADF);
}

TEST_P(UringFileTest, ChangesSizes) {
  const int fd = open_file("sized", O_RDWR | O_CREAT);
  EXPECT_EQ(run([&](Operation& operation) { ring().fallocate(operation, fd, 0, 0, 8192); }), 0);
  struct statx status {};
  const auto size = [&] {
    EXPECT_EQ(run([&](Operation& operation) { ring().stat(operation, directory_, "sized", 0, STATX_SIZE, &status); }),
              0);
    return status.stx_size;
  };
  EXPECT_EQ(size(), 8192U);
  EXPECT_EQ(run([&](Operation& operation) { ring().ftruncate(operation, fd, 100); }), 0);
  EXPECT_EQ(size(), 100U);
  EXPECT_EQ(run([&](Operation& operation) { ring().ftruncate(operation, -1, 100); }), -EBADF);
  EXPECT_EQ(ring().stats().system_calls, features().ftruncate ? 0U : 2U);
  ::close(fd);
}

TEST_P(UringFileTest, RenamesMakesAndRemoves) {
  ::close(open_file("a", O_WRONLY | O_CREAT));
  EXPECT_EQ(run([&](Operation& operation) { ring().mkdir(operation, directory_, "sub", 0700); }), 0);
  EXPECT_EQ(run([&](Operation& operation) { ring().rename(operation, directory_, "a", directory_, "sub/b"); }), 0);
  EXPECT_EQ(ring().list_directory(directory_).value(), std::vector<std::string>{"sub"});
  EXPECT_EQ(run([&](Operation& operation) { ring().unlink(operation, directory_, "sub", UnlinkKind::file); }), -EISDIR);
  EXPECT_EQ(run([&](Operation& operation) { ring().unlink(operation, directory_, "sub/b", UnlinkKind::file); }), 0);
  EXPECT_EQ(run([&](Operation& operation) { ring().unlink(operation, directory_, "sub", UnlinkKind::directory); }), 0);
  EXPECT_TRUE(ring().list_directory(directory_).value().empty());
  EXPECT_EQ(open_file("missing", O_RDONLY), -ENOENT);
  EXPECT_EQ(ring().list_directory(-1).error(), EBADF);
}

TEST_P(UringFileTest, AppendsAtTheCurrentPosition) {
  const int fd = open_file("log", O_WRONLY | O_CREAT | O_APPEND);
  const iovec part = part_of("line\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run([&](Operation& operation) { ring().write(operation, fd, {&part, 1}, Ring::current_position); }), 5);
  }
  ::close(fd);
  EXPECT_EQ(read_file(path_ + "/log").value(), "line\nline\nline\n");
}

TORC_EVERY_KERNEL(UringFileTest);

}  // namespace
}  // namespace torc::io
