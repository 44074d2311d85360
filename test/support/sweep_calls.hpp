// What the scenarios of a sweep are made of. Whatever throws here is the library.
#pragma once

#include "support/sweep_rig.hpp"

namespace sweep {

// Starts a call whose end goes to `of`, and its value to `into`.
template <class Value, class Into, class Start>
void begin(heard& of, uvdial::operation& running, Into& into, Start start) noexcept {
  try {
    running = start(uvdial::callback<Value>([&of, &into](uvdial::outcome<Value> ended) {
      ++of.calls;
      if (Value* value = ended.get_if()) {
        of.how = "well";
        into = std::move(*value);
      } else {
        of.how = uvdial::kind_name(ended.failure()->kind());
      }
    }));
    of.begun = true;
  } catch (const std::bad_alloc&) {
    of.how = "thrown bad_alloc";
  } catch (const uvdial::out_of_resources&) {
    of.how = "thrown out_of_resources";
  } catch (const std::exception&) {
    of.how = "thrown something else";
  }
}

// Something that is done at once, and throws where it fails.
template <class Work>
bool at_once(heard& of, Work work) noexcept {
  of.begun = true;
  of.calls = 1;
  of.how = "well";
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    of.how = "thrown bad_alloc";
  } catch (const uvdial::error& why) {
    of.how = uvdial::kind_name(why.kind());
  } catch (const std::exception&) {
    of.how = "thrown something else";
  }
  return false;
}

// A stream that is there is closed, and that is one more call.
template <class Stream>
void close(rig& r, std::optional<Stream>& stream) noexcept {
  if (!stream) return;
  heard& closed = r.call("close");
  try {
    stream->close([&closed](const uvdial::outcome<uvdial::done>&) {
      ++closed.calls;
      closed.how = "well";
    });
    closed.begun = true;
  } catch (const uvdial::out_of_resources&) {
    closed.how = "thrown out_of_resources";
  } catch (const std::exception&) {
    closed.how = "thrown something else";
  }
  stream.reset();
  r.until(closed);
}

template <class To>
heard& dial(rig& r, const To& to, std::string_view usual = "well",
            std::string_view otherwise = "well") noexcept {
  heard& dialed = r.call("connect", usual);
  dialed.otherwise = otherwise;
  begin<uvdial::tcp_stream>(dialed, r.operations[0], r.stream, [&](uvdial::callback<uvdial::tcp_stream> end) {
    return r.dials->connect(to, r.options, std::move(end));
  });
  r.until(dialed);
  close(r, r.stream);
  return dialed;
}

inline uvdial::endpoint open_one(const rig& r) {
  return *uvdial::endpoint::from_literal("127.0.0.1", r.with.port);
}

// A name that is not asked for again is made before, so that the scenario itself needs no memory.
struct names_to_dial {
  uvdial::target both{"both.test", 1};
  uvdial::target large{"large.test", 1};
  uvdial::target in_short{"short", 1};
  uvdial::target localhost{"localhost", 1};
  uvdial::target written{"written.test", 1};
};
inline names_to_dial& to(const rig& r) {
  static names_to_dial kept;
  for (uvdial::target* each : {&kept.both, &kept.large, &kept.in_short, &kept.localhost, &kept.written})
    each->port = r.with.port;
  return kept;
}

inline void with_names(rig& r) {
  (void)to(r);
  r.make_names();
  r.make_dialer();
}
inline void with_dialer(rig& r) {
  r.list = {open_one(r)};
  r.make_dialer();
}
}  // namespace sweep
