// A slice is as many lines as fit into some 50 us; it becomes one blob, which all who asked refer to.
#include "session/client_listing.h"

#include <algorithm>

#include <fmt/format.h>

#include "session/client_text.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::session {

namespace {

bool listed(const Client& client, std::optional<ClientType> type) { return !type || client.type == *type; }

void reply_listing(Client& client, const std::vector<base::BlobRef>& text) {
  size_t size = 0;
  for (const base::BlobRef& piece : text) size += piece.size();
  resp::Reply& reply = client.reply;
  if (reply.protocol() == 2) {
    reply.raw(fmt::format("${}\r\n", size));
  } else {
    reply.raw(fmt::format("={}\r\ntxt:", size + 4));
  }
  for (const base::BlobRef& piece : text) reply.output().append(piece, piece.view());
  reply.raw("\r\n");
}

}  // namespace

void ClientListings::add(ClientHandle asker, std::optional<ClientType> type) {
  const auto same = [&](const ClientListing& listing) { return !listing.begun() && listing.type == type; };
  auto found = std::ranges::find_if(listings_, same);
  if (found == listings_.end()) {
    listings_.push_back({type, {}, 0, {}});
    found = listings_.end() - 1;
  }
  found->askers.push_back(asker);
}

void Session::list_clients(Context& context, std::optional<ClientType> type) {
  Client& asker = context.client();
  const bool unheard = &asker.reply.output() != &asker.output;
  if (by_id_.size() > ClientListings::at_once_max && !asker.deny_blocking() && !unheard) {
    asker.hold.reason = HoldReason::working;
    listings_.add(asker.handle, type);
    return;
  }
  std::string text;
  for (const auto& [id, client] : by_id_) {
    if (!listed(*client, type)) continue;
    append_client_line(&text, *client, now_ms_);
    text += '\n';
  }
  asker.reply.verbatim("txt", text);
}

void Session::list_some_clients() {
  ClientListing& listing = listings_.first();
  std::string text;
  auto next = by_id_.lower_bound(std::max<uint64_t>(listing.next_id, 1));
  for (size_t count = 0; count < ClientListings::slice_clients && next != by_id_.end(); ++count, ++next) {
    listing.next_id = next->first + 1;
    if (!listed(*next->second, listing.type)) continue;
    append_client_line(&text, *next->second, now_ms_);
    text += '\n';
  }
  if (!text.empty()) listing.text.push_back(base::BlobRef::copy_of(text));
  if (next != by_id_.end()) return;
  for (const ClientHandle handle : listing.askers) {
    Client* asker = find_client(handle);
    if (!asker || asker->hold.reason != HoldReason::working) continue;
    reply_listing(*asker, listing.text);
    finish_work(*asker);
  }
  listings_.remove_first();
}

}  // namespace torc::session
