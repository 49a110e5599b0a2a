// INFO's text as metrics: names and labels as redis_exporter has them, and what is no number left out.
#include "stats/prometheus.h"

#include <gtest/gtest.h>

namespace torc::stats {
namespace {

std::string metrics(std::string_view info, int64_t databases = 0) {
  Exposition out;
  add_info(info, databases, &out);
  return out.text();
}

bool has_line(const std::string& text, const std::string& line) { return text.find(line + "\n") != std::string::npos; }

TEST(Prometheus, FieldsHaveTheExportersNamesAndTypes) {
  const std::string text =
      metrics("# Memory\r\nused_memory:17\r\n\r\n# Stats\r\nkeyspace_hits:3\r\nnobody_knows:1\r\n");
  EXPECT_TRUE(has_line(text, "# TYPE redis_memory_used_bytes gauge\nredis_memory_used_bytes 17"));
  EXPECT_TRUE(has_line(text, "# TYPE redis_keyspace_hits_total counter\nredis_keyspace_hits_total 3"));
  EXPECT_EQ(std::string::npos, text.find("nobody"));
}

TEST(Prometheus, StatusAndWhatIsNoNumber) {
  const std::string text = metrics("rdb_last_bgsave_status:ok\r\naof_last_write_status:err\r\nused_memory:many\r\n");
  EXPECT_TRUE(has_line(text, "redis_rdb_last_bgsave_status 1"));
  EXPECT_TRUE(has_line(text, "redis_aof_last_write_status 0"));
  EXPECT_EQ(std::string::npos, text.find("redis_memory_used_bytes"));
}

TEST(Prometheus, Commands) {
  const std::string text = metrics(
      "# Commandstats\r\ncmdstat_config|get:calls=2,usec=30,usec_per_call=15.00,rejected_calls=4,failed_calls=5\r\n"
      "# Latencystats\r\nlatency_percentiles_usec_config|get:p50=1.003,p99.9=2.5\r\n");
  EXPECT_TRUE(has_line(text, "redis_commands_total{cmd=\"config|get\"} 2"));
  EXPECT_TRUE(has_line(text, "redis_commands_duration_seconds_total{cmd=\"config|get\"} 3e-05"));
  EXPECT_TRUE(has_line(text, "redis_commands_rejected_calls_total{cmd=\"config|get\"} 4"));
  EXPECT_TRUE(has_line(text, "redis_commands_failed_calls_total{cmd=\"config|get\"} 5"));
  EXPECT_TRUE(has_line(text, "redis_latency_percentiles_usec{cmd=\"config|get\",quantile=\"99.9\"} 2.5"));
  EXPECT_TRUE(has_line(text, "redis_latency_percentiles_usec_sum{cmd=\"config|get\"} 30"));
  EXPECT_TRUE(has_line(text, "redis_latency_percentiles_usec_count{cmd=\"config|get\"} 2"));
}

TEST(Prometheus, Databases) {
  const std::string text = metrics("# Keyspace\r\ndb1:keys=3,expires=2,avg_ttl=1500\r\n", 2);
  EXPECT_TRUE(has_line(text, "redis_db_keys{db=\"db1\"} 3\nredis_db_keys{db=\"db0\"} 0"));
  EXPECT_TRUE(has_line(text, "redis_db_keys_expiring{db=\"db1\"} 2"));
  EXPECT_TRUE(has_line(text, "redis_db_avg_ttl_seconds{db=\"db1\"} 1.5"));
}

TEST(Prometheus, LabelsAreEscaped) {
  EXPECT_EQ(R"(err="a\"b\\c\nd")", label("err", "a\"b\\c\nd"));
  EXPECT_TRUE(has_line(metrics("errorstat_WRONG:count=7\r\n"), "redis_errors_total{err=\"WRONG\"} 7"));
}

TEST(Prometheus, OurOwnFields) {
  const std::string text = metrics("# Tick\r\nring_enters:5\r\nwhat:text\r\n");
  EXPECT_TRUE(has_line(text, "torc_ring_enters 5"));
  EXPECT_EQ(std::string::npos, text.find("torc_what"));
}

TEST(Prometheus, BrokenLinesDoNoHarm) {
  EXPECT_TRUE(
      has_line(metrics("cmdstat_x:\r\ncmdstat_:calls\nlatency_percentiles_usec_:p,=\r\n:\r\n#\r\ndb:"), "redis_up 1"));
}

}  // namespace
}  // namespace torc::stats
