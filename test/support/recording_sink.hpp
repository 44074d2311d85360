#pragma once
// An answer_sink that keeps what it is told, in order, as text.
#include <functional>
#include <string>
#include <vector>

#include "uvdial/error.hpp"
#include "uvdial/resolver.hpp"

namespace fixture {

struct recording_sink final : uvdial::answer_sink {
  std::vector<uvdial::answer> answers{};
  std::function<void()> then{};  // called last

  void answered(uvdial::answer received) override {
    answers.push_back(std::move(received));
    if (then) then();
  }

  // "6:2001:db8::1 4:NXDOMAIN"
  std::string all() const {
    std::string text;
    for (const uvdial::answer& each : answers) text += (text.empty() ? "" : " ") + text_of(each);
    return text;
  }

  static std::string text_of(const uvdial::answer& told) {
    std::string text = told.family == uvdial::ip_family::v6 ? "6:" : "4:";
    if (told.why) return text.append(uvdial::code_name(told.why));
    for (const uvdial::endpoint& address : told.endpoints) {
      text += (text.size() == 2 ? "" : ",") + address.address_to_string();
    }
    return text;
  }
};

}  // namespace fixture
