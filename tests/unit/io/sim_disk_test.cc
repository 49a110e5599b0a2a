// Tests of src/io/sim_disk: what its header promises, at the edges and on random input.
#include "io/sim_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/falloc.h>

#include <set>

namespace torc::io {
namespace {

class SimDiskTest : public ::testing::Test {
 protected:
  SimDisk::NodeRef make(std::string_view path, int flags = O_CREAT | O_RDWR) {
    return disk_.open(disk_.root(), path, flags, 0644).value();
  }
  std::string content(std::string_view path) { return disk_.content(path).value_or("(none)"); }
  // What a power cut may leave, over many worlds.
  template <class Story, class Look>
  static std::set<std::string> outcomes(Story story, Look look) {
    std::set<std::string> seen;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      base::ManualClock clock;
      SimWorld world(seed, &clock);
      SimDisk disk(world);
      story(disk);
      disk.power_cut();
      seen.insert(look(disk));
    }
    return seen;
  }
  base::ManualClock clock_;
  SimWorld world_{1, &clock_};
  SimDisk disk_{world_};
};

TEST_F(SimDiskTest, ReadsWhatWasWritten) {
  const auto file = make("/f");
  EXPECT_EQ(disk_.write(file, 0, "hello"), 5);
  EXPECT_EQ(disk_.write(file, 7, "there"), 5);
  EXPECT_EQ(content("/f"), std::string("hello\0\0there", 12));
  std::string out;
  EXPECT_EQ(disk_.read(file, 7, 100, &out), 5);
  EXPECT_EQ(out, "there");
  EXPECT_EQ(disk_.read(file, 12, 100, &out), 0);
  EXPECT_EQ(disk_.truncate(file, 3), 0);
  EXPECT_EQ(disk_.truncate(file, 5), 0);
  EXPECT_EQ(content("/f"), std::string("hel\0\0", 5));
  EXPECT_EQ(disk_.used_bytes(), 5U);
}

TEST_F(SimDiskTest, KeepsNames) {
  EXPECT_EQ(disk_.make_directory(disk_.root(), "/d", 0755), 0);
  EXPECT_EQ(disk_.make_directory(disk_.root(), "/d", 0755), -EEXIST);
  make("/d/a");
  const auto directory = disk_.open(disk_.root(), "d", O_RDONLY | O_DIRECTORY, 0).value();
  EXPECT_EQ(disk_.list(directory).value(), std::vector<std::string>{"a"});
  EXPECT_EQ(disk_.rename(directory, "a", disk_.root(), "b"), 0);
  EXPECT_EQ(disk_.rename(directory, "a", disk_.root(), "b"), -ENOENT);
  EXPECT_EQ(disk_.unlink(disk_.root(), "b", true), -ENOTDIR);
  EXPECT_EQ(disk_.unlink(disk_.root(), "d", false), -EISDIR);
  EXPECT_EQ(disk_.unlink(disk_.root(), "d", true), 0);
  EXPECT_EQ(disk_.unlink(disk_.root(), "b", false), 0);
  EXPECT_TRUE(disk_.list(disk_.root()).value().empty());
  EXPECT_EQ(disk_.open(disk_.root(), "none", O_RDONLY, 0).error(), -ENOENT);
  EXPECT_EQ(disk_.open(disk_.root(), "none/f", O_RDWR | O_CREAT, 0).error(), -ENOENT);
  make("file");
  EXPECT_EQ(disk_.open(disk_.root(), "file", O_RDWR | O_CREAT | O_EXCL, 0).error(), -EEXIST);
  EXPECT_EQ(disk_.open(disk_.root(), "file", O_RDONLY | O_DIRECTORY, 0).error(), -ENOTDIR);
  EXPECT_EQ(disk_.open(disk_.root(), "file/f", O_RDWR | O_CREAT, 0).error(), -ENOTDIR);
  EXPECT_EQ(disk_.open(disk_.root(), "/", O_RDWR, 0).error(), -EISDIR);
  struct statx status {};
  EXPECT_EQ(disk_.stat(disk_.root(), "file", 0, &status), 0);
  EXPECT_TRUE(S_ISREG(status.stx_mode));
  EXPECT_EQ(disk_.stat(disk_.root(), "", 0, &status), -ENOENT);
  EXPECT_EQ(disk_.stat(disk_.root(), "", AT_EMPTY_PATH, &status), 0);
  EXPECT_TRUE(S_ISDIR(status.stx_mode));
}

TEST_F(SimDiskTest, AllocatesPunchesAndFillsUp) {
  const auto file = make("/f");
  EXPECT_EQ(disk_.allocate(file, 0, 0, 10), 0);
  EXPECT_EQ(content("/f"), std::string(10, '\0'));
  disk_.write(file, 0, "0123456789");
  EXPECT_EQ(disk_.allocate(file, FALLOC_FL_KEEP_SIZE, 0, 100), 0);
  EXPECT_EQ(disk_.allocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2, 3), 0);
  EXPECT_EQ(content("/f"), std::string("01\0\0\0", 5) + "56789");
  EXPECT_EQ(disk_.allocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, 1), -EOPNOTSUPP);
  disk_.set_capacity(12);
  EXPECT_EQ(disk_.write(file, 10, "abcd"), 2);
  EXPECT_EQ(disk_.write(file, 12, "e"), -ENOSPC);
  EXPECT_EQ(disk_.write(file, 0, "A"), 1);
  EXPECT_EQ(disk_.allocate(file, 0, 0, 13), -ENOSPC);
  EXPECT_EQ(disk_.unlink(disk_.root(), "f", false), 0);
  EXPECT_EQ(disk_.used_bytes(), 0U);
}

TEST_F(SimDiskTest, SyncedDataSurvives) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/data/f", "old");
        const auto file = disk.open(disk.root(), "/data/f", O_RDWR, 0).value();
        disk.write(file, 0, "new and longer");
        disk.sync(file, disk.now());
      },
      [](SimDisk& disk) { return disk.content("/data/f").value(); });
  EXPECT_EQ(seen, std::set<std::string>{"new and longer"});
}

TEST_F(SimDiskTest, UnsyncedSectorsSurviveInAnySubsetAndVersion) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", std::string(1024, 'a'));
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.write(file, 0, std::string(1024, 'b'));
        disk.write(file, 512, std::string(512, 'c'));
      },
      [](SimDisk& disk) {
        const std::string bytes = disk.content("/f").value();
        EXPECT_EQ(bytes.substr(0, 512), std::string(512, bytes[0]));  // sectors are never torn
        EXPECT_EQ(bytes.substr(512), std::string(512, bytes[512]));
        return std::string{bytes[0], bytes[512]};
      });
  EXPECT_EQ(seen, (std::set<std::string>{"aa", "ab", "ac", "ba", "bb", "bc"}));
}

TEST_F(SimDiskTest, SizeIsAsUncertainAsData) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", "12345");
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.write(file, 5, "67");
        disk.truncate(file, 1);
      },
      [](SimDisk& disk) { return std::to_string(disk.content("/f").value().size()); });
  EXPECT_EQ(seen, (std::set<std::string>{"1", "5", "7"}));
}

TEST_F(SimDiskTest, AFileThatGrowsAgainShowsZeros) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", "secret");
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.truncate(file, 0);
        disk.sync(file, disk.now());
        disk.power_cut();
        const auto again = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.truncate(again, 6);
        disk.sync(again, disk.now());
      },
      [](SimDisk& disk) { return disk.content("/f").value(); });
  EXPECT_EQ(seen, std::set<std::string>{std::string(6, '\0')});
}

TEST_F(SimDiskTest, ASyncPromisesOnlyWhatWasWrittenBeforeItBegan) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", "a");
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.write(file, 0, "b");
        const SimDisk::Moment begun = disk.now();
        disk.write(file, 0, "c");
        disk.sync(file, begun);
      },
      [](SimDisk& disk) { return disk.content("/f").value(); });
  EXPECT_EQ(seen, (std::set<std::string>{"b", "c"}));
}

TEST_F(SimDiskTest, ARangeSyncLeavesOtherSectorsUncertain) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", std::string(1024, 'a'));
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.write(file, 0, std::string(1024, 'b'));
        disk.sync_range(file, disk.now(), 512, 512);
      },
      [](SimDisk& disk) {
        const std::string bytes = disk.content("/f").value();
        return std::string{bytes[0], bytes[512]};
      });
  EXPECT_EQ(seen, (std::set<std::string>{"ab", "bb"}));
}

TEST_F(SimDiskTest, ARenameLastsOnlyAfterASyncOfItsDirectory) {
  const auto story = [](SimDisk& disk, bool synced) {
    disk.put("/real", "old");
    const auto file = disk.open(disk.root(), "/temporary", O_CREAT | O_RDWR, 0644).value();
    disk.write(file, 0, "new");
    disk.sync(file, disk.now());
    disk.rename(disk.root(), "/temporary", disk.root(), "/real");
    if (synced) disk.sync(disk.root(), disk.now());
  };
  const auto look = [](SimDisk& disk) {
    const bool left = disk.content("/temporary").has_value();
    return disk.content("/real").value() + (left ? " with temporary" : "");
  };
  EXPECT_EQ(outcomes([&](SimDisk& disk) { story(disk, false); }, look),
            (std::set<std::string>{"old", "old with temporary", "new"}));
  EXPECT_EQ(outcomes([&](SimDisk& disk) { story(disk, true); }, look), std::set<std::string>{"new"});
}

TEST_F(SimDiskTest, ASyncOfOneDirectorySettlesARenameBetweenTwo) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/a/file", "x");
        disk.put("/b/other", "y");
        disk.rename(disk.root(), "/a/file", disk.root(), "/b/file");
        disk.sync(disk.open(disk.root(), "/b", O_RDONLY, 0).value(), disk.now());
      },
      [](SimDisk& disk) { return disk.content("/a/file").value_or("-") + disk.content("/b/file").value_or("-"); });
  EXPECT_EQ(seen, std::set<std::string>{"-x"});
}

TEST_F(SimDiskTest, UnsyncedNamesMayComeAndGo) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/gone", "");
        disk.unlink(disk.root(), "/gone", false);
        disk.sync(disk.open(disk.root(), "/fresh", O_CREAT | O_RDWR, 0).value(), disk.now());
      },
      [](SimDisk& disk) {
        const auto names = disk.list(disk.root()).value();
        std::string initials;
        for (const std::string& name : names) initials += name[0];
        return initials;
      });
  EXPECT_EQ(seen, (std::set<std::string>{"", "f", "g", "fg"}));
}

TEST_F(SimDiskTest, AfterAFailedSyncDirtyDataCountsAsClean) {
  const auto seen = outcomes(
      [](SimDisk& disk) {
        disk.put("/f", "old");
        const auto file = disk.open(disk.root(), "/f", O_RDWR, 0).value();
        disk.write(file, 0, "new");
        disk.sync_failed(file, disk.now());
        EXPECT_EQ(disk.content("/f").value(), "new");  // reads still see it
        disk.sync(file, disk.now());                   // and this succeeds
      },
      [](SimDisk& disk) { return disk.content("/f").value(); });
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

}  // namespace
}  // namespace torc::io
