// Fuzzes the request parser: a stream that is cut at points of the fuzzer's choice must give the same requests and the
// same error as in one piece.
//
// A byte 0xfe in the input stands for a run of bytes whose length follows, so that small inputs reach the sizes at
// which blobs and the limits of lines begin.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "../unit/resp/feeder.h"
#include "base/assert.h"

namespace {

using torc::resp::Feeder;
using torc::resp::ParserLimits;

constexpr size_t stream_bytes_max = 256 * 1024;
constexpr char run_marker = '\xfe';

std::string expand(std::string_view input) {
  std::string stream;
  for (size_t i = 0; i < input.size() && stream.size() < stream_bytes_max; ++i) {
    if (input[i] == run_marker && i + 1 < input.size()) {
      stream.append(static_cast<uint8_t>(input[++i]) * size_t{512}, 'x');
    } else {
      stream += input[i];
    }
  }
  return stream;
}

void feed_in_pieces(Feeder& feeder, std::string_view stream, const std::vector<uint16_t>& pieces) {
  for (size_t i = 0; !stream.empty(); ++i) {
    // Without more numbers the rest comes at once; the sizes are skewed to small ones.
    size_t size = stream.size();
    if (i < pieces.size()) size = 1 + (pieces[i] >> (pieces[i] & 15));
    feeder.feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  ParserLimits limits;
  limits.authenticated = provider.ConsumeBool();
  if (provider.ConsumeBool()) limits.bulk_bytes_max = 64 * 1024;
  size_t requests_max = 1 + provider.ConsumeIntegral<uint8_t>();
  std::vector<uint16_t> pieces(provider.ConsumeIntegral<uint8_t>());
  for (uint16_t& piece : pieces) piece = provider.ConsumeIntegral<uint16_t>();
  std::string stream = expand(provider.ConsumeRemainingBytesAsString());

  Feeder whole(limits);
  whole.feed(stream);
  Feeder cut(limits, requests_max);
  feed_in_pieces(cut, stream, pieces);

  TORC_ASSERT(cut.error() == whole.error());
  TORC_ASSERT(cut.requests() == whole.requests());
  TORC_ASSERT(cut.wire_bytes() == whole.wire_bytes());
  TORC_ASSERT(cut.wire_bytes() <= stream.size());
  if (whole.error().empty()) TORC_ASSERT(cut.parser().mid_request() == whole.parser().mid_request());
  return 0;
}
