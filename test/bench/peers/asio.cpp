// Dials with standalone Asio: async_resolve (the C library, in one thread of Asio's) and async_connect. See
// bench_run.hpp.
#define ASIO_STANDALONE
#include <asio.hpp>

#include "dials.hpp"

namespace {

using asio::ip::tcp;

class peer final : public bench::dials {
 public:
  explicit peer(const bench::work& wanted) : dials("asio", wanted), service_(std::to_string(wanted.port)) {}

  void run() {
    begin();
    context_.run();
    if (!have_all_ended()) throw std::runtime_error("the loop ended before the dials");
  }

 private:
  struct dial {
    explicit dial(asio::io_context& context) : names(context), socket(context) {}
    tcp::resolver names;
    tcp::socket socket;
  };

  // No flags: by itself Asio would ask for the families alone that the machine has addresses of.
  void start(unsigned number) override {
    auto one = std::make_shared<dial>(context_);
    one->names.async_resolve(host_of(number), service_, tcp::resolver::flags(),
                             [this, one](std::error_code trouble, tcp::resolver::results_type found) {
                               if (trouble)
                                 failed(trouble.message());
                               else
                                 connect(one, found);
                             });
  }

  void connect(const std::shared_ptr<dial>& one, const tcp::resolver::results_type& found) {
    asio::async_connect(one->socket, found, [this, one](std::error_code trouble, const tcp::endpoint&) {
      if (trouble) {
        failed(trouble.message());
        return;
      }
      one->socket.set_option(tcp::no_delay(true));
      one->socket.set_option(asio::socket_base::linger(true, 0));
      one->socket.close();
      succeeded();
    });
  }

  asio::io_context context_{1};
  std::string service_;
};

}  // namespace

int main(int count, char** words) {
  return bench::main_of(count, words, [](const bench::work& wanted) {
    bench::refuse_chosen_server();
    peer(wanted).run();
  });
}
