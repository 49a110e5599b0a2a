// EncodingLimits: up to where values keep their packed form. Redis's settings, with its defaults; a change of one takes
// effect when a value is next changed.
#pragma once

#include <cstdint>

namespace torc::store {

struct EncodingLimits {
  int64_t hash_listpack_entries = 512;  // fields
  uint64_t hash_listpack_value_bytes = 64;
  int64_t set_intset_entries = 512;
  int64_t set_listpack_entries = 128;
  int64_t set_listpack_value_bytes = 64;
  int64_t zset_listpack_entries = 128;
  uint64_t zset_listpack_value_bytes = 64;
  int64_t list_listpack_size = -2;   // elements; -1 … -5: 4, 8, 16, 32, 64 KiB
  int64_t list_compress_depth = 0;   // nodes at either end that stay as they are; 0: none is compressed
  uint64_t stream_node_bytes = 4096;  // 0: no limit
  int64_t stream_node_entries = 100;
  uint64_t hll_sparse_bytes = 3000;
};

}  // namespace torc::store
