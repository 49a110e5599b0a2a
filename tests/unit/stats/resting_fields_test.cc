// The table of fields at rest, as sections of INFO.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stats/resting_fields.h"

namespace torc::stats {
namespace {

TEST(RestingFields, EachSectionOnce) {
  std::vector<std::string> sections;
  for (const base::InfoRows& rows : resting_fields()) {
    EXPECT_EQ(std::ranges::count(sections, rows.section), 0) << rows.section;
    sections.push_back(rows.section);
    base::InfoWriter out;
    rows.write(out);
    EXPECT_NE(out.lines(), "");
  }
}

}  // namespace
}  // namespace torc::stats
