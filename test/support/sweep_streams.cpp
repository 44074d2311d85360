// What is done while one call after the other fails: streams, and calls that are waited for.
#include <unistd.h>

#include <stdexcept>

#include "support/sweep_calls.hpp"
#include "uvdial/coroutine.hpp"
#include "uvdial/first_of.hpp"
#include "uvdial/sleep.hpp"
#include "uvdial/spawn.hpp"
#include "uvdial/task.hpp"
#include "uvdial/when_all.hpp"

namespace sweep {

namespace {

using namespace std::chrono_literals;
using namespace uvdial;

void with_stream(rig& r) {
  with_dialer(r);
  heard dialed;
  begin<tcp_stream>(dialed, r.operations[0], r.stream, [&](callback<tcp_stream> end) {
    return r.dials->connect(r.list[0], {}, std::move(end));
  });
  r.until(dialed);
  if (!r.stream) throw std::runtime_error("no stream to sweep over");
}

// A socket that leaves its stream, becomes one again, and leaves that with its handle.
void change_hands(rig& r) {
  int socket = -1;
  if (!at_once(r.call("release_socket"), [&] { socket = std::move(*r.stream).release_socket(); })) return;
  r.stream.reset();
  if (!at_once(r.call("adopt"), [&] { r.stream.emplace(tcp_stream::adopt(r.loop(), socket)); }))
    return void(::close(socket));
  (void)at_once(r.call("release"), [&] { const tcp_handle owned = std::move(*r.stream).release(); });
  r.stream.reset();
}
void change_hands_again(rig& r) {
  with_stream(r);
  change_hands(r);
}

void blocking(rig& r) {
  (void)at_once(r.call("connect_blocking"),
                [&r] { const tcp_stream made = r.dials->connect_blocking(r.list[0], r.options); });
}

// Two writes, room, the end of ours; then what the peer sends back, in each way of reading.
void talk(rig& r) {
  tcp_stream& peer = *r.stream;
  static constexpr std::array<std::byte, 3000> sent{};
  (void)at_once(r.call("set_read_timeout"), [&peer] { peer.set_read_timeout(5s); });
  (void)at_once(r.call("set_write_timeout"), [&peer] { peer.set_write_timeout(5s); });
  heard& first = r.call("write");
  const auto write = [&peer](callback<std::size_t> end) {
    return peer.write(std::span(sent), std::move(end));
  };
  begin<std::size_t>(first, r.operations[0], r.chunk_bytes, write);
  static constexpr std::array pieces{std::span(sent).first(1000), std::span(sent).subspan(1000)};
  heard& second = r.call("write");
  begin<std::size_t>(second, r.operations[1], r.chunk_bytes, [&peer](callback<std::size_t> end) {
    return peer.write(std::span<const std::span<const std::byte>>(pieces), std::move(end));
  });
  heard& room = r.call("wait_for_room");
  begin<done>(room, r.operations[2], std::ignore,
              [&peer](callback<done> end) { return peer.wait_for_room(std::move(end)); });
  heard& shut = r.call("shutdown");
  begin<done>(shut, r.operations[3], std::ignore,
              [&peer](callback<done> end) { return peer.shutdown(std::move(end)); });
  for (heard* each : {&first, &second, &room, &shut}) r.until(*each);
  if (shut.how != "well" || first.how != "well" || second.how != "well") return close(r, r.stream);

  heard& exactly = r.call("read_exactly");
  begin<std::size_t>(exactly, r.operations[0], r.chunk_bytes, [&](callback<std::size_t> end) {
    return peer.read_exactly(std::span(r.bytes).first(1000), std::move(end));
  });
  r.until(exactly);
  if (exactly.how != "well") return close(r, r.stream);
  heard& found = r.call("read_until");
  begin<std::size_t>(found, r.operations[0], r.chunk_bytes, [&](callback<std::size_t> end) {
    return peer.read_until(std::string_view("\0\0", 2), std::span(r.bytes), std::move(end));
  });
  r.until(found);
  heard& all = r.call("receive");
  begin<std::uint64_t>(all, r.operations[0], std::ignore, [&](callback<std::uint64_t> end) {
    return peer.receive(
        r.bytes, [](std::span<const std::byte>) {}, std::move(end));
  });
  r.until(all);
  close(r, r.stream);
}
void with_slow_stream(rig& r) {
  with_stream(r);
  kernel_is_full(true);
}
void talk_again(rig& r) {
  (void)dial(r, r.list[0]);
  with_stream(r);
  talk(r);
}

// The stream goes while its calls run.
void hang_up(rig& r) {
  tcp_stream& peer = *r.stream;
  heard& read = r.call("read", "cancelled_error");
  begin<std::size_t>(read, r.operations[0], r.chunk_bytes,
                     [&](callback<std::size_t> end) { return peer.read(r.bytes, std::move(end)); });
  heard& slept = r.call("sleep");
  begin<done>(slept, r.operations[1], std::ignore,
              [&r](callback<done> end) { return sleep(r.loop(), 1ms, std::move(end)); });
  r.until(slept);
  close(r, r.stream);
  r.until(read);
}
void hang_up_again(rig& r) {
  with_stream(r);
  hang_up(r);
}

task<std::size_t> conversation(rig& r) {
  tcp_stream peer = co_await connect(*r.dials, to(r).both, r.options);
  static constexpr std::array<std::byte, 10> sent{};
  co_await write(peer, std::span(sent));
  co_await shutdown(peer);
  const auto both = co_await when_all(read_exactly(peer, std::span(r.bytes).first(10)), sleep(r.loop(), 0ms));
  const auto first = co_await first_of(read(peer, std::span(r.bytes).subspan(10)), sleep(r.loop(), 5s));
  co_return std::get<0>(both) + std::get<0>(first);
}
void in_a_coroutine(rig& r) {
  heard& spawned = r.call("spawn");
  begin<std::size_t>(spawned, r.operations[0], r.chunk_bytes, [&r](callback<std::size_t> end) {
    return spawn(r.loop(), conversation(r), std::move(end));
  });
  r.until(spawned);
}

}  // namespace

const std::vector<scenario> stream_scenarios{
    {"a stream that writes, reads and ends", with_stream, talk, talk_again},
    {"a stream whose writes have to wait", with_slow_stream, talk, talk_again},
    {"a stream that is closed while it reads", with_stream, hang_up, hang_up_again},
    {"a socket that changes hands", with_stream, change_hands, change_hands_again},
    {"a blocking dial", with_dialer, blocking, blocking},
    {"a coroutine", with_names, in_a_coroutine, in_a_coroutine},
};

}  // namespace sweep
