// Figures in Prometheus's text format, under the names that redis_exporter gives them, so that existing dashboards and
// alerts work. They are made from the text of INFO: what INFO says, a scrape says, and nobody counts twice.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace torc::stats {

enum class MetricKind : uint8_t { gauge, counter, summary };

// Collects samples; those of one family need not come together.
class Exposition {
 public:
  // labels: as in braces, or empty; label() makes one. value: a number as text; anything else is left out.
  void add(std::string_view family, MetricKind kind, std::string_view labels, std::string_view value) {
    add_to(family, kind, "", labels, value);
  }
  void add_to(std::string_view family, MetricKind kind, std::string_view suffix, std::string_view labels,
              std::string_view value);
  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    MetricKind kind = MetricKind::gauge;
    std::string samples;
  };
  std::map<std::string, Family, std::less<>> families_;
};

// name="value", escaped.
[[nodiscard]] std::string label(std::string_view name, std::string_view value);

// All that redis_exporter makes of INFO, and the fields of the section "tick" as torc_NAME. databases: how many exist,
// since INFO leaves empty ones out.
void add_info(std::string_view info_text, int64_t databases, Exposition* exposition);

}  // namespace torc::stats
