#include "support/cache_model.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "logic/dns_cache.hpp"
#include "logic/host_name.hpp"
#include "uvdial/error.hpp"

namespace fixture {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using uvdial::endpoint;
using uvdial::ip_family;
using uvdial::resolve_errc;
using uvdial::detail::dns_cache;
using uvdial::detail::dns_reply;
using uvdial::detail::shared_reply;

namespace {

constexpr std::array ttls{0s, 1s, 2s, 7s, 20s, 29s, 31s, 86'399s, 86'401s};

class cache_run {
 public:
  explicit cache_run(choices& from) : from_(from) {}

  void run(int steps) {
    for (; steps > 0 && !from_.spent(); --steps) {
      pass();
      const unsigned what = from_.up_to(20);
      if (what == 0)
        clear();
      else if (what < 10)
        find();
      else
        keep();
      require(cache_.size() == model_.size(), "the cache holds as many as the list does");
      require(cache_.size() <= most_, "the cache holds no more than it may");
    }
  }

 private:
  struct kept {
    std::string name;
    ip_family family;
    nanoseconds until;
    shared_reply what;
  };
  using place = std::vector<kept>::iterator;

  // Also to the very moment at which something ends.
  void pass() {
    const unsigned how = from_.up_to(8);
    if (how == 0)
      now_ += ttls[from_.up_to(ttls.size())];
    else if (how == 1 && !model_.empty())
      now_ = std::max(now_, model_[from_.up_to(model_.size())].until);
    else
      now_ += nanoseconds(from_.up_to(1'500'000'000));
  }

  // One name in many spellings.
  std::string any_name() {
    std::string name = "h" + std::to_string(from_.up_to(20)) + ".test";
    if (from_.one_in(4)) name[0] = 'H';
    if (from_.one_in(4)) name += '.';
    return name;
  }
  ip_family any_family() { return from_.one_in(4) ? ip_family::v6 : ip_family::v4; }

  place known(const std::string& name, ip_family family) {
    return std::find_if(model_.begin(), model_.end(), [&](const kept& each) {
      return each.family == family && each.name == uvdial::detail::folded_name(name);
    });
  }

  void clear() {
    cache_.clear();
    model_.clear();
  }

  void find() {
    const std::string name = any_name();
    const ip_family family = any_family();
    const auto* const found = cache_.find(name, family, now_);
    const place expected = known(name, family);
    const bool holds = expected != model_.end() && expected->until > now_;
    require(holds == (found != nullptr), "what holds is found, and nothing else");
    if (expected == model_.end()) return;
    if (!holds) {
      model_.erase(expected);
      return;
    }
    require(found->what == expected->what, "what is found is what was kept");
    require(found->ttl == std::chrono::ceil<seconds>(expected->until - now_),
            "its time is what is left of it");
    std::rotate(expected, expected + 1, model_.end());  // the last used one last
  }

  // What the cache may make of it; nullopt: it says nothing about the name.
  std::optional<seconds> lifetime(dns_reply& made) {
    made.ttl = ttls[from_.up_to(ttls.size())];
    switch (from_.up_to(8)) {
      case 0: made.why = resolve_errc::host_not_found; return std::min(made.ttl, seconds(30));
      case 1: made.why = resolve_errc::no_address; return std::min(made.ttl, seconds(30));
      case 2: made.why = resolve_errc::dns_failure; return std::nullopt;
      case 3: return std::nullopt;
      default: made.addresses.push_back(*endpoint::from_literal("192.0.2.1", 0));
    }
    return std::min(made.ttl, seconds(24h));
  }

  void keep() {
    const std::string name = any_name();
    const ip_family family = any_family();
    dns_reply made;
    const std::optional<seconds> lives = lifetime(made);
    const auto reply = std::make_shared<const dns_reply>(made);
    cache_.keep(name, family, reply, now_);
    if (!lives || most_ == 0) return;
    std::erase_if(model_, [this](const kept& each) { return each.until <= now_; });
    if (const place old = known(name, family); old != model_.end()) model_.erase(old);
    if (*lives > 0s) model_.push_back({uvdial::detail::folded_name(name), family, now_ + *lives, reply});
    if (model_.size() > most_) model_.erase(model_.begin());
  }

  choices& from_;
  std::size_t most_ = from_.up_to(12);
  dns_cache cache_{most_};
  std::vector<kept> model_{};
  nanoseconds now_{1000s};
};

}  // namespace

void check_cache(choices& from, int steps) { cache_run(from).run(steps); }

}  // namespace fixture
