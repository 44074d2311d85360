#pragma once
// One dial: carries out the commands of one race with real lookups, sockets and times.
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "dial/dial_sockets.hpp"
#include "dial/running_dial.hpp"
#include "logic/bound_sources.hpp"
#include "logic/dial_record.hpp"
#include "logic/race.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

using connect_hook = unique_function<std::error_code(uv_tcp_t&, const endpoint&)>;

// What else such a dial needs of its dialer.
class dial_owner : public running_dial_owner {
 public:
  virtual resolver& names() noexcept = 0;
  virtual source_finder& sources() noexcept = 0;
  virtual bool allows(const endpoint& to) const noexcept = 0;  // the address policy
  virtual trace_sink& trace() noexcept = 0;
  virtual connect_hook& before_connect() noexcept = 0;  // may be empty
  // Before a dial goes on from an answer: whether this turn still has time for it, and nobody waits already. False: it
  // is to post itself.
  virtual bool has_time() noexcept = 0;
  // The same for one that has waited.
  virtual bool has_time_now() noexcept = 0;
  // What was learned about a host, and what is to be learned. Only speed is lost where memory is gone.
  virtual std::optional<remembered_winner> recall(const std::string& host, std::uint16_t port,
                                                  family_policy families) noexcept = 0;
  virtual void learn(const std::string& host, std::uint16_t port, family_policy families,
                     const lesson& what) noexcept = 0;

 protected:
  ~dial_owner() = default;
};

class dial final : public running_dial, public confirming, private answer_sink, private attempt_sink {
 public:
  struct request {  // borrows everything, for the time of the constructor
    std::uint32_t number;
    std::string_view host;  // as the report and the messages have it
    std::uint16_t port;
    std::optional<std::span<const candidate>> known;  // set: no lookup
    const dial_options& options;
    callback<tcp_stream>& on_done;  // is moved from
  };

  dial(std::shared_ptr<dial_owner> owner, const request& wanted);
  ~dial() = default;

  // Starts the lookup, or the first attempt. Throws what the resolver throws, but std::bad_alloc and out_of_resources:
  // they are the end of the dial.
  void begin() override;
  void tick(instant time) override;
  void step() override;

  using running_dial::cancel;
  void cancel(std::uint32_t ticket) noexcept override;
  void drop(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t ticket) const noexcept override;

  void confirmed(std::uint32_t attempt) noexcept override;
  void denied(std::uint32_t attempt, std::error_code why) noexcept override;
  bool confirms(std::uint32_t attempt) const noexcept override;

 private:
  enum class state : std::uint8_t {
    racing,
    settled,  // decided; the callback has not run yet
    ended     // the callback has run, or never will
  };

  void answered(answer received) override;
  void attempt_ended(attempt_id id, int status) noexcept override;

  race_input take(answer& received) noexcept;
  void feed(const race_input& input) noexcept;
  void run_out(const std::error_code& why) noexcept;
  void tell_filtered() noexcept;
  void hear(const race_input& input) noexcept;  // to go on later
  void carry_on(const race_input* input);       // null: nothing new
  void carry_out(const race_command& command);
  void look_up();
  void start(const start_attempt& command);
  void confirm(attempt_id id) noexcept;
  void expire(attempt_id id) noexcept;
  std::error_code prepare(connect_attempt& made, const endpoint& to) noexcept;
  void settle(const finish& end) noexcept;
  dial_report& report();
  std::shared_ptr<const error> lose(const finish& end) noexcept;
  void give_report() noexcept;
  void deliver() noexcept;
  void let_go() noexcept;
  void look_at_clock() noexcept;

  std::shared_ptr<dial_owner> owner_;
  instant started_;
  moment time_{0};  // of what is being done: the clock is read once for each thing that comes from outside
  socket_options socket_options_;
  family_policy families_;
  bool remembers_;
  bool carrying_on_ = false;
  bool cancelled_ = false;  // the race cannot hear of it where a command is being carried out
  state state_ = state::racing;
  confirm_step* confirm_;
  dial_report* report_wanted_;
  callback<tcp_stream> on_done_;
  dial_record record_;
  std::unique_ptr<bound_sources> bound_;  // null: to nothing
  race race_;
  lookup_handle lookup_{};
  dial_sockets sockets_;
  std::shared_ptr<const error> failure_{};  // once settled; null: it was won
  std::unique_ptr<dial_report> report_{};   // made where somebody reads it
};

}  // namespace uvdial::detail
