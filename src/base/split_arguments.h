// Splits a line into words as redis.conf and inline commands do: words are separated by white space; "double quotes" know
// \n \r \t \b \a \xHH and \<character>, 'single quotes' know only \'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::base {

// nullopt: a quote is not closed, or is closed in the middle of a word. A NUL byte ends the line.
[[nodiscard]] std::optional<std::vector<std::string>> split_arguments(std::string_view line);
// Puts a word into double quotes so that split_arguments gives it back.
[[nodiscard]] std::string quote_argument(std::string_view word);

}  // namespace torc::base
