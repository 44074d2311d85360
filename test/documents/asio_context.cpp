// Context of blocks in the guide: what a program with Asio has.
#include <asio.hpp>
#include <chrono>
#include <string>
#include <system_error>

using namespace std::chrono_literals;
using asio::ip::tcp;

//> block
