// DEBUG PROTOCOL: one reply of each type, which client libraries and their tests ask for.
#include "cmd/debug_parts.h"
#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;

void three_numbers(resp::Reply& reply) {
  for (int64_t i = 0; i < 3; ++i) reply.integer(i);
}

void map(resp::Reply& reply) {
  reply.map(3);
  for (int64_t i = 0; i < 3; ++i) {
    reply.integer(i);
    reply.boolean(i == 1);
  }
}

// An attribute is no reply of its own: one follows.
void attribute(resp::Reply& reply) {
  if (reply.protocol() == 3) {
    reply.attribute(1);
    reply.bulk("key-popularity");
    reply.array(2);
    reply.bulk("key:123");
    reply.integer(90);
  }
  reply.bulk("Some real reply following the attribute");
}

// What is pushed while a command runs comes behind its reply.
void push(resp::Reply& reply) {
  if (reply.protocol() < 3) return reply.error("ERR RESP2 is not supported by this command");
  reply.bulk("Some real reply following the push reply");
  reply.push(2);
  reply.bulk("server-cpu-usage");
  reply.integer(42);
}

struct Example {
  std::string_view name;
  void (*write)(resp::Reply&);
};

constexpr Example examples[] = {
    {"string", [](resp::Reply& reply) { reply.bulk("Hello World"); }},
    {"integer", [](resp::Reply& reply) { reply.integer(12345); }},
    {"double", [](resp::Reply& reply) { reply.number(3.141); }},
    {"bignum", [](resp::Reply& reply) { reply.big_number("1234567999999999999999999999999999999"); }},
    {"null", [](resp::Reply& reply) { reply.null(); }},
    {"array", [](resp::Reply& reply) { reply.array(3), three_numbers(reply); }},
    {"set", [](resp::Reply& reply) { reply.set(3), three_numbers(reply); }},
    {"map", map},
    {"attrib", attribute},
    {"push", push},
    {"verbatim", [](resp::Reply& reply) { reply.verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](resp::Reply& reply) { reply.boolean(true); }},
    {"false", [](resp::Reply& reply) { reply.boolean(false); }},
};

}  // namespace

void debug_protocol(Context& context) {
  for (const Example& example : examples) {
    if (session::equals_lower(context[2], example.name)) return example.write(context.reply());
  }
  context.fail(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

}  // namespace torc::cmd
