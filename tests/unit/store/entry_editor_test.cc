// Tests of src/store/entry_editor: what its header promises, at the edges and on random input.
#include "store/entry_editor.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "store/entry_heap.h"
#include "store/reclaimer.h"

namespace torc::store {
namespace {

// An editor with its surroundings; frees what is left in entry.
class EntryEditorTest : public testing::Test {
 protected:
  ~EntryEditorTest() override {
    if (entry) reclaimer.release_deleted(entry);
  }
  static EncodedValue value(std::string_view bytes) { return EncodedValue::string({bytes}); }
  static std::string text(const Entry* of) {
    IntegerScratch scratch;
    return std::string(of->string(scratch));
  }
  // Takes the result of a change over, as the database does.
  bool settle(Entry* made) {
    bool moved = made != entry;
    if (moved) editor.release_hollow(entry);
    entry = made;
    return moved;
  }

  EntryHeap heap;
  Reclaimer reclaimer{&heap};
  EntryEditor editor{&heap, &reclaimer};
  Entry* entry = nullptr;
};

TEST_F(EntryEditorTest, ASmallEntryIsOneBlockOf56Bytes) {
  entry = editor.make("sixteen-byte-key", value(std::string(32, 'v')), no_deadline);
  EXPECT_EQ(entry->key(), "sixteen-byte-key");
  EXPECT_EQ(text(entry), std::string(32, 'v'));
  EXPECT_EQ(entry->value_offset() + 32, 56u);
  EXPECT_EQ(entry->memory_bytes(), base::usable_size(entry));
  EXPECT_EQ(entry->access(), 0u);
  EXPECT_EQ(entry->deadline_ms(), no_deadline);
  EXPECT_FALSE(entry->overdue(1));
}

TEST_F(EntryEditorTest, EmptyKeyAndValue) {
  entry = editor.make("", value(""), no_deadline);
  EXPECT_EQ(entry->key(), "");
  EXPECT_EQ(text(entry), "");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(entry) % 16, 0u);
  settle(editor.append(entry, ""));
  EXPECT_EQ(text(entry), "");
  EXPECT_EQ(entry->encoding(), Encoding::raw);
}

TEST_F(EntryEditorTest, KeysOfEveryWidth) {
  for (size_t size : {0u, 1u, 255u, 256u, 70'000u, 3u << 20}) {
    std::string key(size, 'k');
    Entry* made = editor.make(key, value("12345"), 77);
    EXPECT_EQ(made->key(), key);
    EXPECT_EQ(made->deadline_ms(), 77);
    EXPECT_EQ(made->integer(), 12345);
    Entry* other = editor.rename(made, key + "x");
    EXPECT_EQ(other->key(), key + "x");
    EXPECT_EQ(other->integer(), 12345);
    editor.release_hollow(made);
    reclaimer.release_deleted(other);
  }
}

TEST_F(EntryEditorTest, AccessFieldHas24Bits) {
  entry = editor.make("k", value("v"), no_deadline);
  entry->set_access(0xabcdef);
  EXPECT_EQ(entry->access(), 0xabcdefu);
  settle(editor.replace(entry, value(std::string(900, 'x')), 5));
  EXPECT_EQ(entry->access(), 0xabcdefu);
  settle(editor.set_deadline(entry, no_deadline));
  EXPECT_EQ(entry->access(), 0xabcdefu);
}

TEST_F(EntryEditorTest, ReplacesInPlaceWhatFitsAndWastesLessThanHalf) {
  entry = editor.make("sixteen-byte-key", value(std::string(32, 'a')), no_deadline);
  EXPECT_FALSE(settle(editor.replace(entry, value(std::string(32, 'b')), no_deadline)));
  EXPECT_EQ(text(entry), std::string(32, 'b'));
  EXPECT_FALSE(settle(editor.replace(entry, value(std::string(20, 'c')), no_deadline)));
  EXPECT_EQ(text(entry), std::string(20, 'c'));
  EXPECT_TRUE(settle(editor.replace(entry, value(std::string(500, 'd')), no_deadline)));
  EXPECT_EQ(text(entry), std::string(500, 'd'));
  EXPECT_TRUE(settle(editor.replace(entry, value("e"), no_deadline)));
  EXPECT_EQ(text(entry), "e");
}

TEST_F(EntryEditorTest, OverwritesTextOfTheSameSizeOnly) {
  std::string digits = "12345678901234567890";   // too many for an integer, few enough to have to look
  entry = editor.make("k", value(std::string(44, 'a')), no_deadline);
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(43, 'b')));
  EXPECT_TRUE(EntryEditor::overwrite(entry, std::string(44, 'b')));
  EXPECT_EQ(text(entry), std::string(44, 'b'));
  settle(editor.append(entry, ""));
  EXPECT_EQ(entry->encoding(), Encoding::raw);
  EXPECT_TRUE(EntryEditor::overwrite(entry, std::string(44, 'c')));
  EXPECT_EQ(entry->encoding(), Encoding::embstr);
  settle(editor.set_deadline(entry, 5));
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(44, 'd')));
  settle(editor.replace(entry, value(digits), no_deadline));
  EXPECT_FALSE(EntryEditor::overwrite(entry, "12345678901234567890"));
  settle(editor.replace(entry, value("12345"), no_deadline));
  EXPECT_FALSE(EntryEditor::overwrite(entry, "12345678"));
  settle(editor.replace(entry, value(std::string(2000, 'x')), no_deadline));
  EXPECT_FALSE(EntryEditor::overwrite(entry, "12345678"));
  EXPECT_EQ(text(entry), std::string(2000, 'x'));
}

TEST_F(EntryEditorTest, OverwritesABlobOfAboutTheSize) {
  entry = editor.make("k", value(std::string(16'000, 'a')), no_deadline);
  const char* const place = entry->blob().view().data();
  for (const size_t size : {16'000, 15'000, 14'000, 16'000}) {
    ASSERT_TRUE(EntryEditor::overwrite(entry, std::string(size, 'b'))) << size;
    ASSERT_EQ(text(entry), std::string(size, 'b'));
  }
  EXPECT_EQ(entry->blob().view().data(), place);
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(10'000, 'c'))) << "too much room";
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(30'000, 'c'))) << "too little";
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(500, 'c'))) << "stands in the entry";
  {
    const base::BlobRef reader = entry->blob();
    EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(16'000, 'c'))) << "somebody sends it";
    EXPECT_EQ(reader.view(), std::string(16'000, 'b'));
  }
  EXPECT_TRUE(EntryEditor::overwrite(entry, std::string(16'000, 'c')));
  settle(editor.set_deadline(entry, 5));
  EXPECT_FALSE(EntryEditor::overwrite(entry, std::string(16'000, 'd')));
  EXPECT_EQ(text(entry), std::string(16'000, 'c'));
}

TEST_F(EntryEditorTest, IntegersAreWrittenOver) {
  entry = editor.make("counter", value("10"), no_deadline);
  EXPECT_FALSE(settle(editor.replace(entry, EncodedValue::integer(-11), no_deadline)));
  EXPECT_EQ(text(entry), "-11");
  EXPECT_EQ(entry->string_size(), 3u);
}

TEST_F(EntryEditorTest, ADeadlineComesAndGoes) {
  for (size_t size : {0u, 8u, 32u, 40u, 200u, 1023u, 5000u}) {
    std::string bytes(size, 'v');
    Entry* made = editor.make("sixteen-byte-key", value(bytes), no_deadline);
    for (int64_t deadline : {int64_t{5}, int64_t{-7}, no_deadline, no_deadline, int64_t{1} << 50}) {
      Entry* changed = editor.set_deadline(made, deadline);
      if (changed != made) editor.release_hollow(made);
      made = changed;
      EXPECT_EQ(made->deadline_ms(), deadline);
      EXPECT_EQ(made->can_expire(), deadline != no_deadline);
      EXPECT_EQ(made->key(), "sixteen-byte-key");
      EXPECT_EQ(text(made), bytes);
    }
    reclaimer.release_deleted(made);
  }
}

TEST_F(EntryEditorTest, AppendsRawWhateverTheSize) {
  entry = editor.make("k", value("1"), 9);
  std::string expected = "1";
  for (int i = 0; i < 3000; ++i) {
    std::string piece(static_cast<size_t>(i % 7), static_cast<char>('a' + i % 26));
    settle(editor.append(entry, piece));
    expected += piece;
    ASSERT_EQ(entry->encoding(), Encoding::raw);
    ASSERT_EQ(entry->string_size(), expected.size());
  }
  EXPECT_EQ(text(entry), expected);
  EXPECT_TRUE(entry->is_blob());
  EXPECT_EQ(entry->deadline_ms(), 9);
}

TEST_F(EntryEditorTest, AppendingToABlobGrowsGeometrically) {
  entry = editor.make("k", value(std::string(2000, 'x')), no_deadline);
  const char* place = nullptr;
  int moves = 0;
  for (int i = 0; i < 100'000; ++i) {
    settle(editor.append(entry, "0123456789"));
    const char* now = entry->blob().view().data();
    moves += now != place ? 1 : 0;
    place = now;
  }
  EXPECT_EQ(entry->string_size(), 1'002'000u);
  EXPECT_LE(moves, 12);
}

TEST_F(EntryEditorTest, ASharedBlobIsCopiedBeforeItIsChanged) {
  entry = editor.make("k", value(std::string(2000, 'x')), no_deadline);
  settle(editor.append(entry, "with room"));
  base::BlobRef reply = entry->blob();
  std::string before(reply.view());
  settle(editor.append(entry, "!"));
  settle(editor.set_range(entry, 0, "y"));
  EXPECT_EQ(reply.view(), before);
  EXPECT_TRUE(reply.unique());
  EXPECT_EQ(text(entry), "y" + before.substr(1) + "!");
}

TEST_F(EntryEditorTest, SetRangePadsWithZeros) {
  for (size_t offset : {0u, 3u, 10u, 1000u, 1020u, 5000u, 2u << 20}) {
    std::string expected = "1234567";
    Entry* made = editor.make("k", value(expected), no_deadline);
    if (expected.size() < offset + 5) expected.resize(offset + 5, '\0');
    expected.replace(offset, 5, "hello");
    Entry* changed = editor.set_range(made, offset, "hello");
    if (changed != made) editor.release_hollow(made);
    EXPECT_EQ(text(changed), expected);
    EXPECT_EQ(changed->encoding(), Encoding::raw);
    reclaimer.release_deleted(changed);
  }
}

TEST_F(EntryEditorTest, PaddedMakesAStringOfNothing) {
  for (size_t offset : {0u, 1u, 1018u, 1019u, 3u << 20}) {
    char scratch[inline_value_bytes_max];
    std::memset(scratch, 'j', sizeof scratch);
    Entry* made = editor.make("k", EntryEditor::padded(offset, "hello", scratch), no_deadline);
    EXPECT_EQ(text(made), std::string(offset, '\0') + "hello");
    EXPECT_EQ(made->encoding(), Encoding::raw);
    reclaimer.release_deleted(made);
  }
}

TEST_F(EntryEditorTest, ARoomyBlobIsZeroedWhereItIsPadded) {
  // The room holds old bytes: they must not shine through.
  entry = editor.make("k", value(std::string(1 << 20, 'x')), no_deadline);
  settle(editor.append(entry, "x"));
  base::BlobRef blob = EntryEditor::take_blob(entry);
  std::memset(blob.mutable_bytes(), 'j', blob.capacity());
  size_t size = blob.size();
  settle(editor.replace(entry, EncodedValue::blob(std::move(blob)), no_deadline));
  settle(editor.set_range(entry, size + 5000, "end"));
  EXPECT_EQ(text(entry).substr(size), std::string(5000, '\0') + "end");
}

TEST_F(EntryEditorTest, RelocatesByteForByte) {
  entry = editor.make(std::string(300, 'k'), value(std::string(800, 'v')), 12);
  entry->set_access(345);
  Entry* moved = editor.relocate(entry);
  heap.release(entry);
  entry = moved;
  EXPECT_EQ(entry->key(), std::string(300, 'k'));
  EXPECT_EQ(text(entry), std::string(800, 'v'));
  EXPECT_EQ(entry->deadline_ms(), 12);
  EXPECT_EQ(entry->access(), 345u);
}

TEST_F(EntryEditorTest, NothingLeaks) {
  size_t before = base::used_bytes();
  {
    EntryHeap other_heap;
    Reclaimer other_reclaimer(&other_heap);
    EntryEditor other(&other_heap, &other_reclaimer);
    Entry* made = other.make("k", value(std::string(2000, 'x')), no_deadline);
    for (size_t size : {10u, 3000u, 1u << 20, 5u, 9u << 20, 100u}) {
      Entry* changed = other.replace(made, value(std::string(size, 'y')), no_deadline);
      if (changed != made) other.release_hollow(made);
      made = changed;
    }
    other_reclaimer.release_deleted(made);
    EXPECT_EQ(other_heap.live_bytes(), 0u);
  }
  EXPECT_EQ(base::used_bytes(), before);
}

TEST(EntryNames, AreThoseOfRedis) {
  EXPECT_EQ(type_name(Type::string), "string");
  EXPECT_EQ(type_name(Type::zset), "zset");
  EXPECT_EQ(encoding_name(Encoding::integer), "int");
  EXPECT_EQ(encoding_name(Encoding::embstr), "embstr");
  EXPECT_EQ(encoding_name(Encoding::raw), "raw");
  EXPECT_EQ(encoding_name(Encoding::hashtable), "hashtable");
}

}  // namespace
}  // namespace torc::store
