// What MEMORY DOCTOR finds in which figures.
#include <gtest/gtest.h>

#include "stats/memory_overview.h"

namespace torc::stats {
namespace {

TEST(MemoryDoctor, Judges) {
  constexpr uint64_t mib = 1 << 20;
  MemoryOverview memory;
  memory.used = memory.peak = 4 * mib;
  EXPECT_NE(memory_report(memory, 1).find("too little"), std::string::npos);
  memory.used = memory.peak = memory.resident = memory.allocator_held = 100 * mib;
  EXPECT_NE(memory_report(memory, 1).find("No problem"), std::string::npos);
  memory.peak = 200 * mib;
  EXPECT_NE(memory_report(memory, 1).find("Peak: 200.00M"), std::string::npos);
  memory.resident = memory.allocator_held = 150 * mib;
  EXPECT_NE(memory_report(memory, 1).find("Fragmentation: the allocator holds 150.00M"), std::string::npos);
  memory.resident = 200 * mib;
  EXPECT_NE(memory_report(memory, 1).find("50.00M of resident memory"), std::string::npos);
  memory.clients = 300 << 10;
  EXPECT_NE(memory_report(memory, 1).find("Clients: 300.00K"), std::string::npos);
  EXPECT_EQ(memory_report(memory, 2).find("Clients"), std::string::npos);
}

}  // namespace
}  // namespace torc::stats
