// Tests of src/io/file: what its header promises, at the edges and on random input.
#include "io/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace torc::io {
namespace {

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / "torc_io_XXXXXX";
    ASSERT_NE(::mkdtemp(path_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string at(const char* name) const { return path_ + "/" + name; }
  [[nodiscard]] std::vector<std::string> names() const {
    const int fd = open_directory(path_).value();
    auto list = list_directory(fd).value();
    ::close(fd);
    return list;
  }
  std::string path_;
};

TEST_F(FileTest, WritesAndReads) {
  EXPECT_TRUE(write_file(at("f"), "first, longer").has_value());
  EXPECT_TRUE(write_file(at("f"), "second").has_value());
  EXPECT_EQ(read_file(at("f")).value(), "second");
  EXPECT_EQ(read_file(at("f"), 6).value(), "second");
  EXPECT_EQ(read_file(at("f"), 5).error(), EFBIG);
  const std::string large(100'000, 'l');
  EXPECT_TRUE(write_file(at("large"), large).has_value());
  EXPECT_TRUE(read_file(at("large")).value() == large);
  EXPECT_TRUE(remove_file(at("f")).has_value());
  EXPECT_EQ(read_file(at("f")).error(), ENOENT);
  EXPECT_EQ(remove_file(at("f")).error(), ENOENT);
  EXPECT_EQ(write_file(at("no/f"), "").error(), ENOENT);
  EXPECT_EQ(error_text(ENOENT), "No such file or directory");
}

TEST_F(FileTest, ReplacesAsAWhole) {
  EXPECT_TRUE(replace_file(at("c"), "one", 0640).has_value());
  EXPECT_TRUE(replace_file(at("c"), "two", 0600).has_value());
  EXPECT_EQ(read_file(at("c")).value(), "two");
  struct stat status {};
  ASSERT_EQ(::stat(at("c").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(names(), std::vector<std::string>{"c"});
  // What cannot be replaced leaves nothing behind.
  std::filesystem::create_directory(at("d"));
  EXPECT_FALSE(replace_file(at("d"), "three").has_value());
  EXPECT_EQ(names(), (std::vector<std::string>{"c", "d"}));
}

TEST_F(FileTest, KnowsPaths) {
  EXPECT_EQ(open_directory(at("none")).error(), ENOENT);
  EXPECT_TRUE(write_file(at("file"), "").has_value());
  EXPECT_EQ(open_directory(at("file")).error(), ENOTDIR);
  EXPECT_EQ(absolute_path(path_ + "/./file").value(), std::filesystem::canonical(at("file")));
  EXPECT_EQ(absolute_path(at("none")).error(), ENOENT);
  const int fd = open_directory(path_).value();
  EXPECT_EQ(descriptor_path(fd).value(), std::filesystem::canonical(path_));
  ::close(fd);
  EXPECT_EQ(descriptor_path(fd).error(), ENOENT);
  EXPECT_EQ(path_in("/a", "b/c"), "/a/b/c");
  EXPECT_EQ(path_in("/a", "/b"), "/b");
  EXPECT_EQ(path_in("", "b"), "b");
}

TEST_F(FileTest, LogFollowsItsFile) {
  LogFile log;
  ASSERT_TRUE(log.open(at("log")).has_value());
  log.append("one\n");
  std::filesystem::rename(at("log"), at("log.1"));
  log.append_in_handler("one, too\n");
  log.append("two\n");
  log.append("three\n");
  EXPECT_EQ(read_file(at("log.1")).value(), "one\none, too\n");
  EXPECT_EQ(read_file(at("log")).value(), "two\nthree\n");
  EXPECT_FALSE(log.open(at("no/log")).has_value());
  log.append("four\n");
  EXPECT_EQ(read_file(at("log")).value(), "two\nthree\nfour\n");
  ASSERT_TRUE(log.open(at("other")).has_value());
  log.append("five\n");
  EXPECT_EQ(read_file(at("other")).value(), "five\n");
}

}  // namespace
}  // namespace torc::io
