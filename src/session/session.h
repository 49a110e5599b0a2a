// Session: the keyspace thread's half of the server. It owns the clients, executes their requests in order, and hands
// replies back; it never sees a socket. One tick of it is
//
//   begin_tick()      sample the time
//   execute()         look ahead, admit, call; until the requests or the tick's time are used up
//   flush_replies()   one batch of replies per client that has some
//   background()      a bounded slice of expiry, reclaiming, compaction, and of looking after clients
//
// An execution unit (a command, EXEC, an expiry) ends in end_unit(): its effects are propagated.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/collation.h"
#include "base/info.h"
#include "base/random.h"
#include "base/setting.h"
#include "resp/output.h"
#include "session/blocking.h"
#include "session/call_observer.h"
#include "session/channel.h"
#include "session/client.h"
#include "session/client_listing.h"
#include "session/client_memory.h"
#include "session/effects.h"
#include "session/eviction.h"
#include "session/lookahead.h"
#include "session/monitors.h"
#include "session/pause.h"
#include "session/registry.h"
#include "session/log_interval.h"
#include "session/watch.h"
#include "store/encoding_limits.h"
#include "store/keyspace.h"

namespace torc::session {

class Context;

// Who may do what; src/acl implements it.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Whether a new connection is authenticated without a password.
  [[nodiscard]] virtual bool open_to_all() const = 0;
  // Checks and, when right, marks the client. False: wrong pair.
  virtual bool authenticate(Client& client, std::string_view user, std::string_view password) = 0;
};

// Values of enable-debug-command.
enum class Permission : int { no, yes, local };

// client-output-buffer-limit of one class.
struct OutputLimit {
  uint64_t hard_bytes = 0;  // 0: none
  uint64_t soft_bytes = 0;
  int64_t soft_seconds = 0;
};

// What DEBUG switches.
struct DebugOptions {
  static constexpr uint64_t packed_bytes_default = uint64_t{1} << 30;
  bool pause_cron = false;                           // the care for clients and overdue keys rests
  bool disable_deny_scripts = false;                 // scripts may run what is not for scripts
  bool skip_checksums = false;                       // of snapshots and RESTORE
  uint64_t packed_bytes_max = packed_bytes_default;  // longer elements of lists stand alone
  std::function<void()> change_replication_id;       // may be empty
};

struct SessionOptions {
  uint64_t maxmemory_bytes = 0;   // 0: no limit
  int64_t maxmemory_clients = 0;  // bytes; below 0: percent of maxmemory; 0: no limit
  int64_t timeout_s = 0;
  int64_t active_expire_effort = 1;
  bool active_expire = true;  // DEBUG SET-ACTIVE-EXPIRE
  bool protected_mode = true;
  int enable_debug_command = 0;  // a Permission: no, yes, local
  int enable_module_command = 0;
  int64_t hz = 10;
  DebugOptions debug;
  store::EncodingLimits encodings;
  std::string locale_collate;
  base::Collation collation;  // as locale_collate says
  bool lazy_expire = false, lazy_server_del = false, lazy_user_del = false, lazy_user_flush = false,
       lazy_eviction = false;
  OutputLimit output_limits[3];                // by ClientType: normal, replica, pubsub; a master counts as normal
  bool compresses_values = true;               // rdbcompression
  int64_t proto_max_bulk_bytes = 512LL << 20;  // also bounds APPEND, SETRANGE
  uint64_t query_buffer_bytes_max = 1ULL << 30;  // client-query-buffer-limit, which transactions count towards
  int64_t tick_budget_us = 500;
  bool latency_tracking = true;
  int64_t lookahead_distance = 16;  // requests; 0 switches it off (bench)
};

struct SessionStatistics {
  uint64_t connections_received = 0;
  uint64_t commands_processed = 0;
  uint64_t hits = 0, misses = 0;
  uint64_t expired_keys = 0;
  uint64_t expired_fields = 0;  // of hashes
  uint64_t evicted_keys = 0;
  uint64_t evicted_clients = 0;
  uint64_t expired_time_cap_reached = 0;
  uint64_t expire_cycles = 0;  // base::Clock::cycles() that deleting overdue keys took in the background
  uint64_t output_limit_disconnections = 0;
  uint64_t query_limit_disconnections = 0;
  uint64_t error_replies = 0;
  uint64_t reads_processed = 0, writes_processed = 0;
  uint64_t input_bytes = 0, output_bytes = 0;
  uint64_t dirty = 0;  // changes since start (rdb_changes_since_last_save)
  uint64_t denied_logins = 0;
  size_t used_memory_peak = 0;
};

// What look_after_clients() summed up on its last round over all clients (about a second).
struct ClientTotals {
  uint64_t longest_input = 0, longest_output = 0;
};

// Levels of Session::log(), as in `loglevel`: 0 is debug.
inline constexpr int log_notice = 2, log_warning = 3;

class Session final : public ConnectionEvents {
 public:
  struct Parts {
    store::Keyspace* keyspace;
    Registry* registry;
    const base::Clock* clock;
    base::Random* random;
    ConnectionControl* control;                            // may be set later by connect()
    Authenticator* authenticator;                          // null: open to all
    std::function<void(int level, std::string_view)> log;  // 0 debug … 3 warning; may be empty
  };
  explicit Session(Parts parts);
  ~Session() override;

  // Null: nobody observes. The observer must outlive the session or be taken away.
  void observe_calls(CallObserver* observer, const CallThresholds& thresholds) noexcept {
    observer_ = observer;
    thresholds_ = observer ? thresholds : CallThresholds{};
  }
  // Work between the commands took so long; it is one of LATENCY's events when that was too long.
  void note_work(std::string_view event, uint64_t cycles) {
    if (cycles >= thresholds_.work_cycles) [[unlikely]]
      observer_->worked(event, cycles);
  }
  [[nodiscard]] uint64_t nanoseconds_of(uint64_t cycles) const noexcept {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(cycles) * nanoseconds_per_cycle_ >> 32);
  }

  void connect(ConnectionControl* control) noexcept { parts_.control = control; }

  // --- from the network half ---
  void opened(ClientHandle handle, Peer peer) override;
  void requested(RequestBatch* batch) override;
  void input_held(ClientHandle handle, uint64_t bytes, uint64_t memory_bytes) override;
  void input_ended(ClientHandle handle) override;
  void closed(ClientHandle handle) override;
  void sent(ClientHandle handle, uint64_t bytes, resp::Output&& spent) override;

  // --- the tick ---
  void begin_tick();
  // Executes what is ready for about options().tick_budget_us; true when requests remain.
  bool execute();
  void flush_replies();
  // Whether background() has anything to do now.
  [[nodiscard]] bool background_due();
  // True when there is more to do than fitted: the tick then does not sleep.
  bool background();
  // Clients that sent requests within the last whole window of activity_window_ms.
  static constexpr int64_t activity_window_ms = 2;
  [[nodiscard]] uint32_t active_clients() const noexcept { return active_last_; }
  // How long the tick may sleep for this half's sake, in microseconds.
  [[nodiscard]] int64_t sleep_us_max() const;

  // --- execution ---
  // Runs one resolved command as part of the unit under way: statistics, errors, effects. Used by the dispatcher, EXEC
  // and scripts. The context's client gets the reply.
  void call(Context& context);
  void begin_unit() noexcept { ++unit_depth_; }
  void end_unit();
  // Deletes an overdue entry as Redis does: event, propagation, statistics.
  void expire(size_t database, const store::KeyRef& key, store::Entry* entry);
  // Removes overdue fields of a hash as Redis does: event, propagation, statistics; the key with its last field.
  // Returns the entry, null when it is gone.
  store::Entry* expire_fields(size_t database, const store::KeyRef& key, store::Entry* entry,
                              std::span<const std::string_view> fields);
  // The same for a command that only reads: during a pause the entry stays, although nobody sees it.
  void expire_on_read(size_t database, const store::KeyRef& key, store::Entry* entry) {
    if (!pause_.active()) expire(database, key, entry);
  }
  // FLUSHDB and FLUSHALL (index -1: all): empties, fails watchers, returns the number of keys removed.
  uint64_t flush(int64_t database);
  // SWAPDB.
  void swap_databases(size_t first, size_t second);

  // --- clients ---
  [[nodiscard]] size_t clients() const noexcept { return by_id_.size(); }
  [[nodiscard]] const ClientTotals& client_totals() const noexcept { return client_totals_; }
  [[nodiscard]] const std::map<uint64_t, Client*>& clients_by_id() const noexcept { return by_id_; }
  [[nodiscard]] Client* find_client(ClientHandle handle) const noexcept;
  // Closes: after its replies were sent, or now (then the client is gone on return unless it is the one executing).
  void close_client(Client* client, CloseMode mode);
  [[nodiscard]] Client* executing_client() const noexcept { return executing_; }
  // Of the request under way; meaningless when no client is executing.
  [[nodiscard]] std::span<const std::string_view> executing_arguments() const noexcept { return executing_arguments_; }
  void set_authenticated(Client& client, bool yes);
  // A password came or went: the network half learns for whom the small limits hold. Who was authenticated stays it.
  void authentication_changed();
  // Back to a new connection's state (RESET).
  void reset_client(Client& client);
  void note_denied_login() noexcept { ++statistics_.denied_logins; }
  void set_reply_mode(Client& client, ReplyMode mode);
  void discard_transaction(Client& client);

  // CLIENT LIST of one type or of all: replies, or lets the client wait for its list.
  void list_clients(Context& context, std::optional<ClientType> type);

  // --- requests that wait ---
  // CLIENT PAUSE: clients' requests wait until the wall clock shows end_ms; nothing expires or is evicted meanwhile.
  void pause(PauseMode mode, int64_t end_ms);
  void unpause();
  [[nodiscard]] const Pause& paused() const noexcept { return pause_; }
  // Clients with a request that waits for something to happen.
  [[nodiscard]] size_t blocked_clients() const noexcept { return postponed_.size() + blocking_.clients(); }
  [[nodiscard]] const Blocking& blocking() const noexcept { return blocking_; }
  // A key changed or is gone, whoever did it: WATCH fails, those who wait for its end are told.
  void changed(size_t database, std::string_view key) {
    if (!watches_.empty() || !blocking_.empty()) [[unlikely]]
      note_change(database, key);
  }
  // CLIENT UNBLOCK: ends the wait of a blocked command, as if its time were over or with an error. False when there is
  // none; requests that a pause postponed are no such.
  bool unblock(Client& client, bool with_error);

  // What it was to be sent is more than its client-output-buffer-limit. May free the client.
  void close_for_output_limit(Client& client);

  // MONITOR. The client's own replies and what it is told stay in order.
  void start_monitoring(Client& client);
  void stop_monitoring(Client& client);

  // --- parts ---
  [[nodiscard]] store::Keyspace& keyspace() noexcept { return *parts_.keyspace; }
  [[nodiscard]] Registry& registry() noexcept { return *parts_.registry; }
  [[nodiscard]] const base::Clock& clock() const noexcept { return *parts_.clock; }
  [[nodiscard]] base::Random& random() noexcept { return *parts_.random; }
  [[nodiscard]] Authenticator* authenticator() noexcept { return parts_.authenticator; }
  // Whether everybody may run commands, and whether this client has to log in first.
  [[nodiscard]] bool open_to_all() const { return !parts_.authenticator || parts_.authenticator->open_to_all(); }
  [[nodiscard]] bool must_log_in(const Client& client) const { return !client.authenticated && !open_to_all(); }
  [[nodiscard]] Effects& effects() noexcept { return effects_; }
  [[nodiscard]] WatchTable& watches() noexcept { return watches_; }
  [[nodiscard]] Eviction& eviction() noexcept { return eviction_; }
  [[nodiscard]] const Eviction& eviction() const noexcept { return eviction_; }
  // Exact while maxmemory-clients is set, otherwise as of the last round over all clients.
  [[nodiscard]] const ClientMemory& client_memory() const noexcept { return client_memory_; }
  [[nodiscard]] SessionOptions& options() noexcept { return options_; }
  [[nodiscard]] const SessionOptions& options() const noexcept { return options_; }
  // Cycles of the longest command in which a table grew, since the last call: ticks end by their budget, so this is
  // what growth can add to one.
  [[nodiscard]] uint64_t take_growth_cycles_max() noexcept { return std::exchange(growth_cycles_max_, 0); }
  [[nodiscard]] SessionStatistics& statistics() noexcept { return statistics_; }
  [[nodiscard]] const SessionStatistics& statistics() const noexcept { return statistics_; }
  [[nodiscard]] std::map<std::string, uint64_t, std::less<>>& error_counts() noexcept { return error_counts_; }
  // Wall clock of the unit under way, milliseconds.
  [[nodiscard]] int64_t now_ms() const noexcept { return now_ms_; }
  // When the command under way began, or its transaction.
  [[nodiscard]] int64_t unit_time_us() noexcept;
  void log(int level, std::string_view text) const;

  // Rows for CONFIG and INFO.
  [[nodiscard]] base::Settings settings();
  [[nodiscard]] base::InfoProviders info();
  // CONFIG RESETSTAT's part.
  void reset_statistics();

 private:
  friend class Context;
  // admission.cc: everything that may refuse a command before it runs; replies and returns false.
  bool admit(Client& client, const Planned& planned, std::span<const std::string_view> arguments);
  bool reject(Client& client, Command* command, std::string_view error);
  void reject_unknown(Client& client, const Planned& planned, std::span<const std::string_view> arguments);
  void abort_web_request(Client& client);
  [[nodiscard]] bool allowed(const Client& client, const Command& command) const noexcept;
  [[nodiscard]] static bool needs_memory(const Client& client, const Command& command) noexcept;
  void enqueue(Client& client, Command& command, std::span<const std::string_view> arguments,
               std::span<resp::ArgumentBlob> blobs);

  // holds.cc
  [[nodiscard]] bool postponed(Client& client, const Command& command);
  void park(Client& client, const Planned& planned);
  void tell_waits(Client& client, bool yes);
  void note_unmeasured() noexcept;
  void release_postponed();
  [[nodiscard]] Planned plan_of(RequestBatch* batch, uint32_t request) const;
  void run_held(Client& client);
  void end_hold(Client& client);
  void finish_work(Client& client);
  void forget_hold(Client& client);
  bool resume_some(uint64_t begin_cycles, uint64_t budget_cycles);

  // serving.cc
  void wait(Client& client, std::span<const store::KeyRef> keys, const Wait& wait);
  void note_change(size_t database, std::string_view bytes);
  void note_ready(size_t database, std::string_view bytes);
  void serve_ready();
  void serve(const AwaitedName& name);
  void run_again(Client& client);
  void end_wait(Client& client, std::string_view error);
  void reply_instead(Client& client, std::string_view error);
  void end_overdue_waits();

  void list_some_clients();

  // monitors.cc
  void call_monitored(Context& context);
  void tell_monitors();

  void run(const Planned& planned);
  void after_request(Client& client);
  void finish_batch(RequestBatch* batch);
  void sample_time();
  void note_growth(uint64_t cycles) noexcept;
  void roll_activity_window();
  void execute_request(Client& client, const Planned& planned);
  void count_errors(Client& client, Command& command, bool rejected);
  void count_error_reply(Client& client);
  void count_call(const Context& context, const CallFigures& figures);
  [[nodiscard]] std::span<resp::ArgumentBlob> blobs_of(resp::RequestList& list, const resp::Request& request);
  static void return_blobs(resp::RequestList& list, const resp::Request& request, std::span<resp::ArgumentBlob> blobs);
  void mark_for_flush(Client& client);
  void refuse_if_protected(Client& client);
  void free_client(Client* client);
  [[nodiscard]] const OutputLimit& output_limit(const Client& client) const noexcept;
  // The memory that replies may take until the hard limit is reached; SIZE_MAX without one.
  [[nodiscard]] size_t output_bytes_left(const Client& client) const noexcept;
  [[nodiscard]] bool over_output_limit(Client& client);
  // client_limits.cc
  [[nodiscard]] bool over_query_limit(const Client& client, uint64_t input_bytes) const noexcept {
    return client.transaction.query_bytes + input_bytes > options_.query_buffer_bytes_max;
  }
  void close_for_query_limit(Client& client);
  [[nodiscard]] uint64_t client_memory_limit() const noexcept;
  void account_memory(Client& client) {
    if (options_.maxmemory_clients != 0) [[unlikely]]
      client_memory_.update(client, client.lasting_memory_bytes(), !client.no_evict);
  }
  void account_memory_of_all();
  [[nodiscard]] bool clients_take_too_much() const noexcept {
    return options_.maxmemory_clients != 0 && client_memory_.bounded_bytes() >= client_memory_limit();
  }
  void evict_clients();
  void log_over_client_limit();
  bool free_some();
  bool expire_some(int64_t budget_us);
  bool expire_some_fields(int64_t budget_us);
  void look_after_clients();
  void look_after(Client& client);
  void add_to_totals(const Client& client);
  void end_round();
  void watched_replaced(size_t database, const store::Database* replacement);
  void awaited_replaced(size_t database, const store::Database* replacement);

  Parts parts_;
  SessionOptions options_;
  SessionStatistics statistics_;
  resp::ChunkPool chunks_;
  resp::Output discarded_;  // where replies go that nobody gets
  Effects effects_;
  WatchTable watches_{parts_.keyspace->hash_key()};
  Blocking blocking_;
  Eviction eviction_{this};
  ClientMemory client_memory_;
  Lookahead lookahead_;
  Pause pause_;
  std::map<uint64_t, Client*> postponed_;  // by Hold::place, in the order in which they came
  uint64_t next_place_ = 0;
  Monitors monitors_;
  ClientListings listings_;
  std::deque<ClientHandle> resumed_;  // their holds are over, their requests not yet executed
  std::map<std::string, uint64_t, std::less<>> error_counts_;

  std::vector<std::unique_ptr<Client>> clients_;  // by handle index
  std::map<uint64_t, Client*> by_id_;
  std::vector<ClientHandle> flush_list_;
  std::vector<resp::ArgumentBlob> request_blobs_;  // of the request under way
  std::vector<resp::Output> spare_outputs_;        // keep their vectors' capacity
  size_t spare_outputs_bytes_ = 0;                 // together
  uint64_t next_client_id_ = 1;
  uint64_t look_after_next_ = 0;  // client id where the round over clients goes on
  int64_t look_after_ms_ = 0;
  LogInterval over_client_limit_log_{1000}, web_request_log_{60'000};
  ClientTotals client_totals_, round_totals_;  // of the last round, of the one under way

  CallObserver* observer_ = nullptr;
  CallThresholds thresholds_;
  uint64_t nanoseconds_per_cycle_ = 0;  // 32 bits behind the point

  Client* executing_ = nullptr;
  std::span<const std::string_view> executing_arguments_;
  int unit_depth_ = 0;
  uint64_t sampled_cycles_ = 0;     // when the time was sampled
  uint64_t resample_cycles_ = 0;    // 100 µs in cycles
  bool long_command_ = false;       // in this tick, one that took longer than that
  bool freeing_postponed_ = false;  // in the tick before
  bool waits_go_on_ = false;        // since the tick before, although their time was over
  uint64_t growth_steps_ = 0;       // of the keyspace, when a command last ended
  uint64_t growth_cycles_max_ = 0;
  uint64_t span_start_cycles_ = 0;  // end of the last command = start of the next
  uint32_t unmeasured_requests_ = 0;
  int64_t now_ms_ = 0;
  int64_t unit_time_us_ = 0;  // 0: nobody has asked in this unit
  size_t expire_database_next_ = 0, expire_fields_next_ = 0;
  int64_t activity_window_ = 0;  // number of the window under way
  uint32_t active_now_ = 0, active_last_ = 0;
};

}  // namespace torc::session
