#pragma once
// The text of a hosts file as a table (hosts(5)).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "logic/host_name.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct hosts_entry {
  std::vector<endpoint> addresses{};  // port 0, both families, in the file's order
  std::string canonical_name{};       // the first name of the first line that has the name
  std::vector<std::string> aliases{};
};

// Lines are kept as they were read, and merged when a name is looked for: a line of thousands of names would otherwise
// become thousands of entries with thousands of aliases each.
class hosts_table {
 public:
  // Lines that cannot be read are passed over, as the system does.
  static hosts_table parse(std::string_view text);

  // All lines that have the name, merged. Case and a final dot do not matter. nullopt: not in the file.
  std::optional<hosts_entry> find(std::string_view name) const;

  // The names of the first line that has the address, whatever its port; null: not in the file.
  const std::vector<std::string>* names_of(const endpoint& address) const;

  std::size_t size() const noexcept { return lines_of_.size(); }  // names

 private:
  struct line {
    endpoint address;
    std::vector<std::string> names;  // each once
  };
  using line_number = std::uint32_t;  // there is no file of 4 GB

  void add_line(std::string_view text);

  // A search makes no copy of the name.
  struct hash_of {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return folded_hash(name); }
  };
  struct same {
    using is_transparent = void;
    bool operator()(std::string_view one, std::string_view other) const noexcept {
      return same_name(one, other);
    }
  };
  std::vector<line> lines_;
  std::unordered_map<std::string, std::vector<line_number>, hash_of, same> lines_of_;
  std::unordered_map<std::string, line_number> first_line_of_;  // by address
};

}  // namespace uvdial::detail
