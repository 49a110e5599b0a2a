// The argument tree of a command, as COMMAND DOCS tells it, read from the one line of its row. The grammar:
//
//   sequence    = item { " " item }
//   item        = [ name "=" ] ( word | group ) [ "..." | "+..." ] [ "@" version ] [ "~" version ]
//   group       = "[" sequence "]"                    optional
//               | "(" sequence { "|" sequence } ")"   one of; with a single alternative: together
//   word        = TOKEN | '"' token '"' | placeholder [ ":" type [ "#" digit ] [ "/" display ] ]
//
// "..." means that it may be repeated (it may stand apart), "+..." repeated with its token; "@7.0.0" since when it
// exists, "~7.0.0" since when it is deprecated. A token right before a placeholder belongs to it ("EX
// seconds:integer") unless it has a name of its own ("full=FULL"); within a group, a token before several items belongs
// to them together ("[LIMIT offset:integer count:integer]"). A placeholder is displayed by its name unless a text for
// display is given ("addr:string/ip:port"). Keys belong to the command's key specifications in order, unless one is
// named by its index ("key:key#2").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace torc::session {

struct Argument {
  std::string name;
  std::string type;     // string integer double key pattern unix-time pure-token oneof block
  std::string display;  // of what is neither oneof nor block
  std::string token;
  std::string since;
  std::string deprecated_since;
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;
  bool named = false;  // the row says how it is called
  int key_spec = -1;                // which of the command's key specifications finds it, if one does
  std::vector<Argument> arguments;  // of oneof and block

  [[nodiscard]] bool has_parts() const noexcept { return type == "oneof" || type == "block"; }
};

// key_specs: how many key specifications the command has. A malformed text is a programming error: asserted.
[[nodiscard]] std::vector<Argument> parse_argument_tree(std::string_view text, size_t key_specs);

}  // namespace torc::session
