// SipHash-1-3 against a slow transcription of the paper and against values that another program computed.
#include "base/hash.h"

#include <bit>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace {

using torc::base::HashKey;
using torc::base::siphash13;

// The paper's description word for word, with the number of rounds as parameters, byte by byte and slow.
struct Textbook {
  uint64_t v[4];

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v[0] += v[1], v[2] += v[3];
      v[1] = std::rotl(v[1], 13), v[3] = std::rotl(v[3], 16);
      v[1] ^= v[0], v[3] ^= v[2];
      v[0] = std::rotl(v[0], 32);
      v[2] += v[1], v[0] += v[3];
      v[1] = std::rotl(v[1], 17), v[3] = std::rotl(v[3], 21);
      v[1] ^= v[2], v[3] ^= v[0];
      v[2] = std::rotl(v[2], 32);
    }
  }
};

uint64_t textbook(const HashKey& key, const std::string& bytes, int compression, int finalization) {
  Textbook s{{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d, key.low ^ 0x6c7967656e657261,
              key.high ^ 0x7465646279746573}};
  std::string padded = bytes;
  while (padded.size() % 8 != 7) padded += '\0';
  padded += static_cast<char>(bytes.size());
  for (size_t at = 0; at < padded.size(); at += 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; ++i) word |= uint64_t{static_cast<uint8_t>(padded[at + i])} << (8 * i);
    s.v[3] ^= word;
    s.rounds(compression);
    s.v[0] ^= word;
  }
  s.v[2] ^= 0xff;
  s.rounds(finalization);
  return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

std::string counting(size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(Hash, the_textbook_form_gives_the_papers_vector) {
  HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  EXPECT_EQ(textbook(key, counting(15), 2, 4), 0xa129ca6149be45e5);
}

// What CPython 3.11 (whose hash is SipHash-1-3) computes with the key zero.
TEST(Hash, known_values) {
  EXPECT_EQ(siphash13({}, counting(1)), 0x68a914128e01e473);
  EXPECT_EQ(siphash13({}, counting(7)), 0x2f098ab0c751325a);
  EXPECT_EQ(siphash13({}, counting(8)), 0xead411e67ebe2eea);
  EXPECT_EQ(siphash13({}, counting(15)), 0xf30eb725bb91c9ea);
  EXPECT_EQ(siphash13({}, counting(63)), 0x385d3e39e5f37359);
}

TEST(Hash, every_length_and_alignment_agrees_with_the_textbook) {
  torc::base::Random random(7);
  for (size_t size = 0; size < 300; ++size) {
    HashKey key{random.next(), random.next()};
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    uint64_t expected = textbook(key, bytes, 1, 3);
    for (size_t shift = 0; shift < 8; ++shift) {
      // Exactly as large as needed, so that a sanitizer sees a load beyond the end.
      std::vector<char> place(shift + size);
      std::copy(bytes.begin(), bytes.end(), place.begin() + static_cast<std::ptrdiff_t>(shift));
      ASSERT_EQ(siphash13(key, {place.data() + shift, size}), expected) << size << " bytes at " << shift;
    }
  }
}

TEST(Hash, the_key_matters) {
  std::set<uint64_t> hashes;
  for (uint64_t i = 0; i < 64; ++i) {
    hashes.insert(siphash13({uint64_t{1} << i, 0}, "key"));
    hashes.insert(siphash13({0, uint64_t{1} << i}, "key"));
  }
  EXPECT_EQ(hashes.size(), 128u);
}

}  // namespace
