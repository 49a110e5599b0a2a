// Splits a line into arguments as redis.conf, inline requests and redis-cli do: they are separated by white space;
// "double quotes" know \n \r \t \b \a \xHH and take any other character after a backslash as itself; 'single quotes'
// know only \'. Quotes may begin in the middle of an argument, which goes on to the closing one. A zero byte ends the
// line.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::base {

// Appends the line's arguments. An argument without quotes is a view into the line; the others are written to
// `unescaped` and viewed there. False when a quote is not closed, or something other than a space follows the closing
// one; then nothing was appended to arguments.
[[nodiscard]] bool split_arguments(std::string_view line, std::vector<std::string_view>& arguments,
                                   std::deque<std::string>& unescaped);
// The same with copies; nullopt where the other is false.
[[nodiscard]] std::optional<std::vector<std::string>> split_arguments(std::string_view line);
// Appends the bytes in double quotes as redis-server and redis-cli show them: \n \r \t \a \b, \xHH for others that do
// not print.
void append_quoted(std::string* text, std::string_view bytes);
// Puts a word into double quotes so that split_arguments gives it back.
[[nodiscard]] std::string quote_argument(std::string_view word);

}  // namespace torc::base
