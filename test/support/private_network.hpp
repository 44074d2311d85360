#pragma once
// A machine of its own for a test: its own loopback, its own name, its own resolv.conf, hosts and nsswitch.conf.
//
// What the system's resolver says depends on files under /etc that a test must not touch, and it asks port 53, which
// belongs to somebody. So the process moves into a network namespace, where no port is taken and nothing leads
// outside, and into a mount namespace, where files from a temporary folder lie over those of /etc. Both are inherited
// by the children of the process and end with the last of them; nobody else sees any of it.
//
//   private_network world;                                   throws where the system does not allow it
//   world.write_resolv_conf("nameserver 127.0.0.1\n");
//   dns_responder dns(loop, endpoint::parse("127.0.0.1:53"));
//
// Root can do this, and so can others where the kernel lets them have a user namespace. There is no way back: the
// whole process stays inside, so make one before the first test and skip the tests where that throws.
#include <string>
#include <string_view>

namespace fixture {

class private_network {
 public:
  // To be called while the process has one thread. Throws std::system_error that says which step failed; what was
  // done until then stays done.
  private_network();
  private_network(const private_network&) = delete;
  private_network& operator=(const private_network&) = delete;
  ~private_network();  // removes the files; the namespaces stay

  // A fresh network with nothing in it but a loopback that is up: sockets made until now belong to the one before.
  static void renew();

  // Gives the loopback one more address, so that connections to it and from it have a source that is none of the
  // loopback's own. A v4 one stands for the whole /24 around it. Lasts until renew().
  static void add_v4(std::string_view literal);
  static void add_v6(std::string_view literal);

  // The machine's name; "machine" at first. The part behind the first dot is searched where no file says otherwise.
  static void set_host_name(const std::string& name);

  // Whether the system's resolver has the table of RFC 6724, 2.1 (gai.conf) in place of its own.
  bool orders_by_rfc_6724() const noexcept { return has_order_; }

  // The whole contents, for all who read the file from now on.
  void write_resolv_conf(std::string_view text) const { write("resolv.conf", text); }
  void write_hosts(std::string_view text) const { write("hosts", text); }
  void write_nsswitch_conf(std::string_view text) const { write("nsswitch.conf", text); }

 private:
  void write(const std::string& name, std::string_view text) const;
  void cover(const std::string& name, std::string_view text) const;
  void cover_what_else_counts();

  std::string folder_;
  bool has_order_ = false;
};

}  // namespace fixture
