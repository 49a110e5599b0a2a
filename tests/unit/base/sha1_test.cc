// Tests of src/base/sha1: what its header promises, at the edges and on random input.
#include "base/sha1.h"

#include <gtest/gtest.h>

namespace {

using torc::base::hex;
using torc::base::sha1;

TEST(Sha1, vectors_of_the_standard) {
  EXPECT_EQ(hex(sha1(std::string_view(""))), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1(std::string_view("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1(std::string_view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(Sha1, digest_of_a_digest) {
  const torc::base::Sha1 first = sha1(std::string_view("abc"));
  EXPECT_EQ(sha1(first), sha1(std::string_view(reinterpret_cast<const char*>(first.data()), first.size())));
}

}  // namespace
