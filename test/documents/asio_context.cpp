// Context of blocks in the guide: what a program with Asio has.
#include <chrono>
#include <string>
#include <system_error>

#include <asio.hpp>

using namespace std::chrono_literals;
using asio::ip::tcp;

//> block
