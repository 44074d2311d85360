#include "values/international_name.hpp"

#include <algorithm>

#ifdef UVDIAL_WITH_IDN
#include <idn2.h>

#include <memory>
#include <new>
#endif

namespace uvdial::detail {

namespace {

#ifdef UVDIAL_WITH_IDN

// A name of 253 octets in ASCII has fewer characters than that; decomposed ones take up to nine octets each.
constexpr std::size_t most_octets = 4096;

struct idn2_release {
  void operator()(char* text) const noexcept { idn2_free(text); }
};

ascii_name convert(std::string_view host) {
  if (host.size() > most_octets) return {{}, "an international name of more than 4096 octets"};
  // libidn2 would read up to there, and the rest of the name would be lost.
  if (host.find('\0') != std::string_view::npos) return {{}, "an international name with a zero octet"};
  char* converted = nullptr;
  const int result =
      idn2_to_ascii_8z(std::string(host).c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, idn2_release> owned(converted);
  if (result == IDN2_MALLOC) throw std::bad_alloc();
  if (result != IDN2_OK) {
    std::string problem = "not a valid international name (";
    return {{}, problem.append(idn2_strerror(result)).append(")")};
  }
  return {std::string(owned.get()), {}};
}

#else

ascii_name convert(std::string_view) { return {{}, "a non-ASCII name, and this build has no libidn2"}; }

#endif

}  // namespace

bool is_ascii(std::string_view host) noexcept {
  return std::all_of(host.begin(), host.end(),
                     [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

ascii_name to_ascii_name(std::string_view host) {
  if (is_ascii(host)) return {std::string(host), {}};
  return convert(host);
}

bool knows_international_names() noexcept {
#ifdef UVDIAL_WITH_IDN
  return true;
#else
  return false;
#endif
}

}  // namespace uvdial::detail
