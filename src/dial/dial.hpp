#pragma once
// One dial: carries out the commands of one race with real lookups, sockets and times.
#include <memory>
#include <optional>
#include <vector>

#include "dial/dial_sockets.hpp"
#include "glue/turn.hpp"
#include "logic/dial_record.hpp"
#include "logic/race.hpp"
#include "logic/wake_queue.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

class dial;

// What a dial needs of its dialer, which outlives it.
class dial_owner {
 public:
  virtual uv_loop_t& loop() noexcept = 0;
  virtual const std::shared_ptr<handle_count>& count() noexcept = 0;
  virtual resolver& names() noexcept = 0;
  virtual source_finder& sources() noexcept = 0;
  virtual bool allows(const endpoint& to) const noexcept = 0;  // the address policy
  virtual trace_sink& trace() noexcept = 0;
  // What was learned about a host, and what is to be learned. Only speed is lost where memory is gone.
  virtual std::optional<remembered_winner> recall(const std::string& host, std::uint16_t port) noexcept = 0;
  virtual void learn(const std::string& host, std::uint16_t port, const lesson& what) noexcept = 0;
  // dial::tick() in the check phase, at that time or after it; nullopt: not.
  virtual void schedule(dial& one, std::optional<instant> when) = 0;
  // dial::step() in the check phase of this turn or the next one.
  virtual void post(dial& one) = 0;
  // It has ended: the owner lets go of it.
  virtual void remove(dial& one) noexcept = 0;

 protected:
  ~dial_owner() = default;
};

// Shared by its owner, while it runs, and by the caller's operation.
class dial final : public pending,
                   public wake_entry,
                   public confirming,
                   public std::enable_shared_from_this<dial>,
                   private answer_sink,
                   private attempt_sink {
 public:
  struct request {
    std::uint32_t number;
    std::string host;  // as the report and the messages have it
    std::uint16_t port;
    std::optional<std::vector<candidate>> known;  // set: no lookup
    dial_options options;
    callback<tcp_stream> on_done;
  };

  dial(std::shared_ptr<dial_owner> owner, request wanted);
  ~dial() = default;

  // Starts the lookup, or the first attempt. Throws what the resolver throws; then this object has ended.
  void begin();
  void tick();  // time has come
  void step();  // carries on; calls the user's callback when the end is decided, as its last act

  void cancel(std::uint32_t ticket) noexcept override;
  void drop(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t ticket) const noexcept override;
  void cancel() noexcept { cancel(0); }

  void confirmed(std::uint32_t attempt) noexcept override;
  void denied(std::uint32_t attempt, std::error_code why) noexcept override;
  bool confirms(std::uint32_t attempt) const noexcept override;

  std::size_t place = 0;  // in the owner's list
  bool posted = false;    // the owner will call step()

 private:
  enum class state : std::uint8_t {
    racing,
    settled,  // decided; the callback has not run yet
    ended     // the callback has run, or never will
  };

  void answered(answer received) override;
  void attempt_ended(attempt_id id, int status) noexcept override;

  void feed(const race_input& input);
  void tell_filtered();
  void carry_on(const race_input* input);  // null: nothing new
  void carry_out(const race_command& command);
  void look_up();
  void start(const start_attempt& command);
  void confirm(attempt_id id);
  void expire(attempt_id id);
  void settle(const finish& end);
  outcome<tcp_stream> lose(const finish& end) noexcept;
  outcome<tcp_stream> win(const finish& end) noexcept;
  void deliver();
  void let_go() noexcept;
  moment elapsed() const noexcept;

  std::shared_ptr<dial_owner> owner_;
  instant started_;
  dial_options options_;
  callback<tcp_stream> on_done_;
  dial_record record_;
  race race_;
  lookup_handle lookup_{};
  dial_sockets sockets_{};
  std::optional<outcome<tcp_stream>> result_{};
  dial_report report_{};
  state state_ = state::racing;
  bool carrying_on_ = false;
};

}  // namespace uvdial::detail
