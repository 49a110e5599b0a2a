// DEBUG DIGEST and DIGEST-VALUE: checksums by which two servers, or two states of one, are compared. The scheme is
// Redis's, so that torc and redis-server can be compared with each other: what has no order (the keys of a database) is
// combined by xor of SHA-1s; what has one (type, then value) is mixed, each step hashing what came before.
#include <fmt/format.h>

#include <string>

#include "base/assert.h"
#include "base/parse_number.h"
#include "base/sha1.h"
#include "cmd/debug_parts.h"
#include "cmd/stream_parts.h"
#include "session/context.h"
#include "session/session.h"
#include "store/hash_value.h"
#include "store/list_value.h"
#include "store/set_value.h"
#include "store/zset_view.h"

namespace torc::cmd {

namespace {

using base::Sha1;
using session::Context;

void add_unordered(Sha1& digest, std::string_view bytes) {
  const Sha1 hash = base::sha1(bytes);
  for (size_t i = 0; i < digest.size(); ++i) digest[i] ^= hash[i];
}

void add_unordered(Sha1& digest, const Sha1& bytes) {
  add_unordered(digest, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void add_ordered(Sha1& digest, std::string_view bytes) {
  add_unordered(digest, bytes);
  digest = base::sha1(digest);
}

// The number in network order.
void add_ordered(Sha1& digest, uint32_t number) {
  const char bytes[4] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                         static_cast<char>(number >> 8), static_cast<char>(number)};
  add_ordered(digest, std::string_view(bytes, sizeof bytes));
}

// The numbers of Redis's types, which is also the order of store::Type but for the module type before stream.
uint32_t type_number(store::Type type) {
  switch (type) {
    case store::Type::string:
      return 0;
    case store::Type::list:
      return 1;
    case store::Type::set:
      return 2;
    case store::Type::zset:
      return 3;
    case store::Type::hash:
      return 4;
    case store::Type::stream:
      return 6;
  }
  __builtin_unreachable();
}

void add_list(Sha1& digest, const store::Entry& entry) {
  char digits[24];
  for (store::ListWalker walker(entry, 0, true); walker.get(); walker.step()) {
    add_ordered(digest, walker.get()->string(digits));
  }
}

void add_zset(Sha1& digest, const store::Entry& entry) {
  for (store::ZsetCursor cursor = store::ZsetView(entry).at(0); cursor; cursor.next()) {
    Sha1 member{};
    char score[base::double_text_max];
    add_ordered(member, cursor.member());
    add_ordered(member, std::string_view(score, base::format_double_digits(score, cursor.score())));
    add_unordered(digest, member);
  }
}

void add_string(Sha1& digest, const store::Entry& entry) {
  store::IntegerScratch scratch;
  add_ordered(digest, entry.string(scratch));
}

void add_set(Sha1& digest, const store::Entry& entry) {
  store::SetView(entry).for_each([&](const store::SetMember& member) { add_unordered(digest, member.text()); });
}

// Overdue fields count as there.
void add_hash(Sha1& digest, const store::Entry& entry) {
  const store::HashView hash(entry, store::HashView::before_all_deadlines);
  hash.for_each([&](std::string_view field, std::string_view value) {
    Sha1 pair{};
    add_ordered(pair, field);
    add_ordered(pair, value);
    if (hash.object() && hash.object()->deadline_ms(field)) add_unordered(pair, "!!hexpire!!");
    add_unordered(digest, pair);
  });
}

// Ids and fields; groups do not count.
void add_stream(Sha1& digest, const store::Entry& entry) {
  store::StreamCursor cursor(stream_of(entry), {}, ds::StreamId::max());
  ds::Listpack::Element field, value;
  char digits[24];
  while (cursor.next()) {
    add_ordered(digest, fmt::format("{}.{}", cursor.entry().id.ms, cursor.entry().id.sequence));
    for (uint64_t i = 0; i < cursor.entry().fields; ++i) {
      cursor.next_field(&field, &value);
      add_ordered(digest, field.string(digits));
      add_ordered(digest, value.string(digits));
    }
  }
}

void add_value(Sha1& digest, const store::Entry& entry) {
  add_ordered(digest, type_number(entry.type()));
  switch (entry.type()) {
    case store::Type::list:
      add_list(digest, entry);
      break;
    case store::Type::string:
      add_string(digest, entry);
      break;
    case store::Type::set:
      add_set(digest, entry);
      break;
    case store::Type::hash:
      add_hash(digest, entry);
      break;
    case store::Type::zset:
      add_zset(digest, entry);
      break;
    case store::Type::stream:
      add_stream(digest, entry);
      break;
    default:
      TORC_PANIC("a further type brings its rule with it");
  }
  if (entry.can_expire()) add_unordered(digest, "!!expire!!");
}

}  // namespace

void debug_digest(Context& context) {
  Sha1 all{};
  store::Keyspace& keyspace = context.session().keyspace();
  for (size_t i = 0; i < keyspace.databases(); ++i) {
    const store::Database& database = keyspace.database(i);
    if (database.size() == 0) continue;
    add_ordered(all, static_cast<uint32_t>(i));
    database.for_each([&all](const store::Entry& entry) {
      Sha1 digest{};
      add_ordered(digest, entry.key());
      add_value(digest, entry);
      add_unordered(all, digest);
    });
  }
  context.reply().status(base::hex(all));
}

// Overdue keys count as there: nothing is expired here.
void debug_digest_value(Context& context) {
  context.reply().array(context.size() - 2);
  for (size_t i = 2; i < context.size(); ++i) {
    Sha1 digest{};
    if (const store::Entry* entry = context.database().find(context.key(i))) add_value(digest, *entry);
    context.reply().status(base::hex(digest));
  }
}

}  // namespace torc::cmd
