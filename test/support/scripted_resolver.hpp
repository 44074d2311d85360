#pragma once
// A resolver that a test plays by hand: it keeps the sinks of running lookups, and answers when it is told to.
#include <list>
#include <map>
#include <string>
#include <vector>

#include "uvdial/error.hpp"
#include "uvdial/resolver.hpp"

namespace fixture {

class scripted_resolver final : public uvdial::resolver {
 public:
  // Answers given inside lookup() itself, for each family that has any; the others wait for answer().
  std::map<uvdial::ip_family, std::vector<uvdial::endpoint>> at_once{};
  // A family that is answered inside lookup() with a code.
  std::map<uvdial::ip_family, std::error_code> fails_at_once{};

  uvdial::lookup_handle lookup(const uvdial::question& asked, uvdial::answer_sink& sink) override {
    ++lookups;
    last = asked;
    auto started = std::make_unique<entry>(*this, sink);
    for (const uvdial::ip_family family : {uvdial::ip_family::v6, uvdial::ip_family::v4}) {
      if (const auto found = fails_at_once.find(family); found != fails_at_once.end())
        sink.answered({family, {}, found->second});
      if (const auto found = at_once.find(family); found != at_once.end())
        sink.answered({family, found->second});
    }
    return uvdial::lookup_handle(std::move(started));
  }

  // To the lookup that has run longest.
  void answer(uvdial::ip_family family, std::vector<uvdial::endpoint> endpoints) {
    running.front()->sink.answered({family, std::move(endpoints)});
  }
  void fail(uvdial::ip_family family, std::error_code why) {
    running.front()->sink.answered({family, {}, why});
  }
  void answer(uvdial::answer whole) { running.front()->sink.answered(std::move(whole)); }

  struct entry {
    entry(scripted_resolver& its_owner, uvdial::answer_sink& its_sink) : owner(its_owner), sink(its_sink) {
      place = owner.running.insert(owner.running.end(), this);
    }
    ~entry() { owner.running.erase(place); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    scripted_resolver& owner;
    uvdial::answer_sink& sink;
    std::list<entry*>::iterator place;
  };
  std::list<entry*> running{};  // lookups whose handles are alive
  int lookups = 0;
  uvdial::question last{"", 0, uvdial::family_policy::v6_first};
};

}  // namespace fixture
