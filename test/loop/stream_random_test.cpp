// Reads of every form in any order, ended in any way, against the bytes that were sent: each arrives once, in order.
#include <random>

#include "support/stream_ends.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::descriptor;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr int steps = 20'000;
constexpr std::string_view delimiters[] = {"\n", "\r\n", "aab", "abab"};

// Few letters, so that delimiters and their beginnings are everywhere.
std::string letters(std::size_t size, std::mt19937& random) {
  std::string text(size, '\0');
  for (char& letter : text) letter = "aaabbbb\r\n"[random() % 9];
  return text;
}

class reader_of_everything {
 public:
  reader_of_everything(byte_stream& stream, const descriptor& peer, unsigned seed)
      : stream_(stream), peer_(peer), random_(seed), text_(letters(4u << 20, random_)) {}

  void run() {
    for (int step = 0; step < steps && mistake_.empty(); ++step) one_step();
    if (!mistake_.empty()) TEST_FAIL_MESSAGE(mistake_);
  }
  std::size_t read() const { return read_; }
  std::size_t longest_kept() const { return longest_kept_; }

 private:
  std::size_t up_to(std::size_t most) { return random_() % (most + 1); }

  void one_step() {
    send_some();
    ended_ = false;
    start();
    for (std::size_t turn = up_to(3); turn > 0 && !ended_; --turn) fixture::run_turn();
    if (ended_) return;
    switch (random_() % 4) {
      case 0: running_ = {}; break;
      case 1:
        running_.cancel();
        until_ended();
        break;
      case 2:
        running_.cancel();
        if (random_() % 2) fixture::run_turn();
        running_ = {};
        break;
      default:
        stream_.resume();
        give_enough();
        until_ended();
    }
    longest_kept_ = std::max(longest_kept_, stream_.kept());
  }

  void send_some() {
    const std::size_t size = std::min(up_to(200), text_.size() - sent_);
    if (sent_ - read_ > 50'000) return;
    const ssize_t taken = ::send(peer_.get(), text_.data() + sent_, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken > 0) sent_ += static_cast<std::size_t>(taken);
  }

  // So much that every form of read but `receive` ends by itself.
  void give_enough() {
    if (form_ == 3) return running_.cancel();
    for (int time = 0; time < 10; ++time) send_some();
    if (form_ != 0) running_.cancel();
    if (sent_ == read_) running_.cancel();
  }

  void until_ended() {
    fixture::run_until([this] { return ended_; });
  }

  void start() {
    into_.assign(1 + up_to(random_() % 8 ? 60 : 600), std::byte{'~'});
    form_ = random_() % 4;
    if (random_() % 16 == 0) set_timeout();
    const auto on_done = [this](outcome<std::size_t> got) {
      ended_ = true;
      if (const auto* count = got.get_if()) took(*count);
    };
    switch (form_) {
      case 0: running_ = stream_.read(into_, on_done); break;
      case 1: running_ = stream_.read_exactly(into_, on_done); break;
      case 2:
        delimiter_ = delimiters[random_() % std::size(delimiters)];
        if (into_.size() < delimiter_.size()) into_.resize(delimiter_.size());
        running_ = stream_.read_until(delimiter_, into_, on_done);
        break;
      default:
        running_ = stream_.receive(
            into_, [this](std::span<const std::byte> chunk) { took_chunk(chunk); },
            [this](outcome<std::uint64_t>) { ended_ = true; });
    }
    if (ended_) mistake_ = "a callback inside the call";
  }

  void set_timeout() {
    if (random_() % 2)
      stream_.set_read_timeout(1ms);
    else
      stream_.set_read_timeout(std::nullopt);
  }

  void took_chunk(std::span<const std::byte> chunk) {
    if (ended_) mistake_ = "a chunk after the end";
    check(chunk.data(), chunk.size());
    const auto choice = random_() % 8;
    if (choice < 2) stream_.pause();
    if (choice == 1) stream_.resume();
    if (choice == 2) {
      running_ = {};
      ended_ = true;
    }
  }

  void took(std::size_t count) {
    const std::size_t begin = read_;
    check(into_.data(), count);
    if (form_ == 1 && count != into_.size()) mistake_ = "read_exactly gave less";
    if (form_ != 2) return;
    const auto end = text_.find(delimiter_, begin);
    if (end == std::string::npos || end + delimiter_.size() != begin + count)
      mistake_ = "read_until ended elsewhere";
  }

  void check(const std::byte* bytes, std::size_t count) {
    const std::string_view got(reinterpret_cast<const char*>(bytes), count);
    if (count == 0 || got != std::string_view(text_).substr(read_, count))
      mistake_ = "other bytes at " + std::to_string(read_);
    read_ += count;
    if (read_ > sent_) mistake_ = "more than was sent";
  }

  byte_stream& stream_;
  const descriptor& peer_;
  std::mt19937 random_;
  std::string text_;
  std::size_t sent_ = 0;
  std::size_t read_ = 0;
  std::size_t longest_kept_ = 0;
  unsigned long form_ = 0;
  std::string_view delimiter_{};
  std::vector<std::byte> into_{};
  bool ended_ = false;
  std::string mistake_{};
  operation running_{};
};

}  // namespace

static void test_all_bytes_arrive_in_order_exactly_once() {
  unsigned seed = 1;
  fixture::over_both([&seed](byte_stream& stream, descriptor& peer) {
    reader_of_everything reader(stream, peer, seed++);
    reader.run();
    TEST_ASSERT_GREATER_THAN(200'000u, reader.read());
    TEST_ASSERT_GREATER_THAN(0u, reader.longest_kept());
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_all_bytes_arrive_in_order_exactly_once);
  return UNITY_END();
}
