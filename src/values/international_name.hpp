#pragma once
// Host names with letters beyond ASCII, in the form that DNS knows (IDNA2008, RFC 5891).
#include <string>
#include <string_view>

namespace uvdial::detail {

struct ascii_name {
  std::string name{};     // what to look up; empty where there is a problem
  std::string problem{};  // empty: none; else a phrase that says why there is no such name
};

bool is_ascii(std::string_view host) noexcept;

// ASCII comes back as it is. UTF-8, whatever the locale, becomes A-labels: "bücher.test" is
// "xn--bcher-kva.test". What a browser takes is taken (UTS 46, not transitional: "faß" is not "fass"):
// capitals, decomposed letters, full-width letters, digits and dots. That may make an address or an empty
// name of it, so the name is to be checked like any other afterwards. A build without libidn2 has a problem
// with all names beyond ASCII. Throws std::bad_alloc.
ascii_name to_ascii_name(std::string_view host);

// Whether this build has libidn2.
bool knows_international_names() noexcept;

}  // namespace uvdial::detail
