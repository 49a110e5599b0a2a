// Splits a line into arguments with the quoting rules of redis-cli, inline requests and the configuration file.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace torc::resp {

// Appends the line's arguments. An argument without quotes is a view into the line; the others are written to
// `unescaped` and viewed there. False when quotes are unbalanced, or a closing one is not followed by a space; then
// nothing was appended to arguments.
//
// "..." knows \n \r \t \b \a \xHH and takes any other character after a backslash as itself; '...' knows \' only.
// Quotes may begin in the middle of an argument, which goes on to the closing one.
[[nodiscard]] bool split_line(std::string_view line, std::vector<std::string_view>& arguments,
                              std::deque<std::string>& unescaped);

}  // namespace torc::resp
