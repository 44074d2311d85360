#pragma once
// The text of a hosts file as a table (hosts(5)).
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

class hosts_table {
 public:
  // Lines that cannot be read are passed over, as the system does.
  static hosts_table parse(std::string_view text);

  // All lines that have the name, merged. Case and a final dot do not matter. Null: not in the file.
  const hosts_entry* find(std::string_view name) const;

  // The names of the first line that has the address, whatever its port; null: not in the file.
  const std::vector<std::string>* names_of(const endpoint& address) const;

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  void add_line(std::string_view line);
  void add(const std::string& name, const endpoint& address, const std::vector<std::string>& names);

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
  std::unordered_map<std::string, hosts_entry, hash_of, same> entries_;
  std::unordered_map<std::string, std::vector<std::string>> names_;  // by address
};

}  // namespace uvdial::detail
